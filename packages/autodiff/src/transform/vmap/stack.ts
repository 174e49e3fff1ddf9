import { type Builder, buildGraph } from "../../ir/builder.ts";
import { at, range } from "../../ir/shape.ts";
import type { Graph, Shape, TensorType, Value } from "../../ir/types.ts";
import type { BatchArgs, Batched, VmapInto } from "./types.ts";

/** The type of `size` examples stacked on a new axis 0. */
export const stackedType = ({ shape, dtype }: TensorType, size: number): TensorType => ({
  shape: [size, ...shape],
  dtype,
});

/** The same value for every example. */
export const repeat = (b: Builder, x: Value, size: number): Value =>
  b.broadcastInDim(
    x,
    [size, ...x.type.shape],
    x.type.shape.map((_, i) => i + 1),
  );

type Operands = Pick<BatchArgs<never>, "inputs" | "batched" | "size">;

/** Operand `i` with a batch axis, whether it had one or not. */
export const stacked = (b: Builder, { inputs, batched, size }: Operands, i: number): Value =>
  batched[i] ? at(inputs, i) : repeat(b, at(inputs, i), size);

/** All operands with a batch axis. */
export const allStacked = (b: Builder, args: Operands): Value[] =>
  args.inputs.map((_, i) => stacked(b, args, i));

/** Results that all have a batch axis. */
export const everyBatched = (outputs: readonly Value[]): Batched => ({
  outputs,
  batched: outputs.map(() => true),
});

/** The shape of one example of an operand. */
export const exampleShape = ({ inputs, batched }: Operands, i: number): Shape => {
  const { shape } = at(inputs, i).type;
  return batched[i] ? shape.slice(1) : shape;
};

/** Axes of an example as axes of the stack. */
export const shifted = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

/** Moves an axis to the front. */
export const toFront = (b: Builder, x: Value, axis: number): Value =>
  b.transpose(x, [axis, ...range(x.type.shape.length).filter((i) => i !== axis)]);

/** Moves axis 0 to where it is axis number `axis`. */
export const fromFront = (b: Builder, x: Value, axis: number): Value => {
  const order = range(x.type.shape.length).slice(1);
  return b.transpose(x, [...order.slice(0, axis), 0, ...order.slice(axis)]);
};

/** A batched graph and which of its outputs are batched. */
export interface BatchedGraph {
  readonly graph: Graph;
  readonly batched: readonly boolean[];
}

/** A graph for `size` examples; outputs marked `force` are batched in any case. */
export const batchGraph = (
  vmapInto: VmapInto,
  graph: Graph,
  batched: readonly boolean[],
  size: number,
  force: readonly boolean[] = [],
): BatchedGraph => {
  const types = graph.inputs.map(({ type }, i) => (batched[i] ? stackedType(type, size) : type));
  let mask: readonly boolean[] = [];
  const result = buildGraph(types, (b, inputs) => {
    const found = vmapInto(b, graph, inputs, batched, size);
    mask = found.batched.map((here, i) => here || force[i] === true);
    return found.outputs.map((v, i) => (mask[i] && !found.batched[i] ? repeat(b, v, size) : v));
  });
  return { graph: result, batched: mask };
};

/** Elementwise "or" of masks. */
export const either = (
  a: readonly boolean[],
  b: readonly (boolean | undefined)[],
): readonly boolean[] => a.map((here, i) => here || b[i] === true);
