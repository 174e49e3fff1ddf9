import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { Builder } from "../../src/ir/builder.ts";
import { isFloat, sizeOf } from "../../src/ir/shape.ts";
import type { Graph, TensorType, Value } from "../../src/ir/types.ts";
import { generator } from "../support/random.ts";

export const isFloatType = (type: TensorType): boolean => isFloat(type.dtype);

/** Which inputs of a graph are floats. */
export const floatInputs = (graph: Graph): boolean[] =>
  graph.inputs.map((v) => isFloatType(v.type));

/** Tensors of numbers in [−1, 1), the same on every machine, one per float type. */
export const directions = (values: readonly Value[], seed: string): HostTensor[] => {
  const random = generator(seed);
  return values
    .filter((v) => isFloatType(v.type))
    .map(({ type }) =>
      hostTensor(
        type,
        Array.from({ length: sizeOf(type.shape) }, () => 2 * random() - 1),
      ),
    );
};

const moved = (x: HostTensor, direction: HostTensor | undefined, step: number): HostTensor =>
  direction === undefined
    ? x
    : hostTensor(
        x.type,
        Array.from(x.data, (v, i) => v + step * direction.data[i]!),
      );

/** Float outputs of a graph at inputs moved along directions (one per float input). */
const along = (
  graph: Graph,
  inputs: readonly HostTensor[],
  steps: readonly HostTensor[],
  step: number,
): HostTensor[] => {
  let next = 0;
  const at = inputs.map((x) => moved(x, isFloatType(x.type) ? steps[next++] : undefined, step));
  return evaluateGraph(graph, at).filter((y) => isFloatType(y.type));
};

/** Directional derivative by central differences of fourth order: the error is h⁴·f⁽⁵⁾/30. */
export const centralDifference = (
  graph: Graph,
  inputs: readonly HostTensor[],
  steps: readonly HostTensor[],
  h = 1e-3,
): number[][] => {
  const [p1, m1, p2, m2] = [h, -h, 2 * h, -2 * h].map((s) => along(graph, inputs, steps, s));
  return p1!.map((y, k) =>
    Array.from(y.data, (v, i) => {
      const near = v - m1![k]!.data[i]!;
      const far = p2![k]!.data[i]! - m2![k]!.data[i]!;
      return (8 * near - far) / (12 * h);
    }),
  );
};

/** ⟨x, y⟩ over lists of tensors. */
export const inner = (xs: readonly HostTensor[], ys: readonly HostTensor[]): number => {
  let sum = 0;
  xs.forEach(({ data }, k) => {
    for (let i = 0; i < data.length; i++) sum += data[i]! * ys[k]!.data[i]!;
  });
  return sum;
};

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

/** A graph of float vectors and its inputs. */
export const graphOf = (
  types: readonly TensorType[],
  body: (b: Builder, ...inputs: Value[]) => readonly Value[],
): Graph => {
  const b = new Builder();
  const inputs = types.map((type) => b.input(type));
  return b.finish(body(b, ...inputs));
};
