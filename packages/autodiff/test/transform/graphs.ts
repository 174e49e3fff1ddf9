import { Builder } from "../../src/ir/builder.ts";
import { isFloat } from "../../src/ir/shape.ts";
import type { Graph, TensorType, Value } from "../../src/ir/types.ts";

const isFloatType = (type: TensorType): boolean => isFloat(type.dtype);

/** Which inputs of a graph are floats. */
export const floatInputs = (graph: Graph): boolean[] =>
  graph.inputs.map((v) => isFloatType(v.type));

/** The float outputs alone, so that a graph can be differentiated in all of them. */
export const floatOutputs = (graph: Graph): Graph => ({
  ...graph,
  outputs: graph.outputs.filter((v) => isFloatType(v.type)),
});

/** Outputs after the first `count`. */
export const dropOutputs = (graph: Graph, count: number): Graph => ({
  ...graph,
  outputs: graph.outputs.slice(count),
});

/** `buildGraph` with the inputs as arguments of the body. */
export const graphOf = (
  types: readonly TensorType[],
  body: (b: Builder, ...inputs: Value[]) => readonly Value[],
): Graph => {
  const b = new Builder();
  const inputs = types.map((type) => b.input(type));
  return b.finish(body(b, ...inputs));
};
