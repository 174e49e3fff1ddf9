import type { GatherDims, ScatterDims, Shape } from "../../../src/ir/types.ts";
import { exactly, integers } from "../random.ts";
import { bool, type Cases, example, f32, i32 } from "./case.ts";

const gather = (
  offsetDims: readonly number[],
  collapsedSliceDims: readonly number[],
  startIndexMap: readonly number[],
  sliceSizes: Shape,
  operandBatchingDims: readonly number[] = [],
  indicesBatchingDims: readonly number[] = [],
): GatherDims & { readonly sliceSizes: Shape } => ({
  offsetDims,
  collapsedSliceDims,
  operandBatchingDims,
  indicesBatchingDims,
  startIndexMap,
  sliceSizes,
});

const scatter = (
  kind: "add" | "set",
  updateWindowDims: readonly number[],
  insertedWindowDims: readonly number[],
  scatterDimsToOperandDims: readonly number[],
  inputBatchingDims: readonly number[] = [],
  indicesBatchingDims: readonly number[] = [],
): ScatterDims & { readonly kind: "add" | "set" } => ({
  updateWindowDims,
  insertedWindowDims,
  inputBatchingDims,
  indicesBatchingDims,
  scatterDimsToOperandDims,
  kind,
});

const ROWS = gather([1], [0], [0], [1, 3]);

/** Cases of operations that address elements by index. */
export const indexingCases: Cases<"gather" | "scatter"> = {
  gather: [
    example("rows", ROWS, [f32([5, 3]), i32([4, 1], integers(0, 4))]),
    example("rows more than once", ROWS, [f32([2, 3]), i32([4, 1], exactly(1, 0, 1, 1))]),
    example("rows out of range", ROWS, [f32([3, 3]), i32([4, 1], exactly(-1, 3, 99, 2))]),
    example("rows of a batch of indices", gather([2], [0], [0], [1, 3]), [
      f32([4, 3]),
      i32([2, 2, 1], integers(0, 3)),
    ]),
    example("rows with offsets in front", gather([0], [0], [0], [1, 3]), [
      f32([5, 3]),
      i32([2, 2, 1], integers(0, 4)),
    ]),
    example("elements", gather([], [0, 1], [0, 1], [1, 1]), [
      f32([4, 3]),
      i32([5, 2], integers(0, 2)),
    ]),
    example("elements, index axes swapped", gather([], [0, 1], [1, 0], [1, 1]), [
      f32([4, 3]),
      i32([3, 2], exactly(2, 3, 0, 1, 1, 0)),
    ]),
    example("blocks", gather([1, 2], [], [0, 1], [2, 3]), [
      f32([5, 4]),
      i32([3, 2], exactly(0, 0, 3, 1, 9, -9)),
    ]),
    example("blocks around the batch axis", gather([0, 2], [], [1], [2, 2]), [
      f32([2, 4]),
      i32([3, 1], exactly(2, 0, 1)),
    ]),
    example("one element", gather([], [0], [0], [1]), [f32([5]), i32([1], exactly(3))]),
    example("batching axes", gather([2], [1], [1], [1, 1, 3], [0], [0]), [
      f32([2, 5, 3]),
      i32([2, 4, 1], integers(0, 4)),
    ]),
    example("batching axes in another order", gather([], [1], [1], [1, 1, 1], [0, 2], [1, 0]), [
      f32([2, 4, 3]),
      i32([3, 2, 1], integers(0, 3)),
    ]),
    example("along an axis", gather([], [1], [1], [1, 1], [0], [0]), [
      f32([3, 4]),
      i32([3, 2, 1], integers(0, 3)),
    ]),
    example("no index per position", gather([1, 2], [], [], [2, 2]), [f32([3, 2]), i32([2, 0])]),
    example("no positions", ROWS, [f32([5, 3]), i32([0, 1])]),
    example("empty slices", gather([1], [0], [0], [1, 0]), [
      f32([3, 0]),
      i32([2, 1], integers(0, 2)),
    ]),
    example("i32", ROWS, [i32([3, 3]), i32([2, 1], integers(0, 2))]),
    example("bool", ROWS, [bool([3, 3]), i32([2, 1], integers(0, 2))]),
  ],
  scatter: (["add", "set"] as const).flatMap((kind) => {
    const rows = scatter(kind, [1], [0], [0]);
    return [
      example(`${kind} rows`, rows, [f32([5, 3]), i32([3, 1], exactly(4, 0, 2)), f32([3, 3])]),
      example(`${kind} rows more than once`, rows, [
        f32([3, 2]),
        i32([4, 1], exactly(1, 0, 1, 1)),
        f32([4, 2]),
      ]),
      example(`${kind} rows out of range`, rows, [
        f32([3, 2]),
        i32([4, 1], exactly(-1, 3, 1, 99)),
        f32([4, 2]),
      ]),
      example(`${kind} rows of a batch of indices`, scatter(kind, [2], [0], [0]), [
        f32([5, 2]),
        i32([2, 2, 1], exactly(3, 1, 0, 4)),
        f32([2, 2, 2]),
      ]),
      example(`${kind} rows with windows in front`, scatter(kind, [0], [0], [0]), [
        f32([5, 3]),
        i32([2, 1], exactly(3, 1)),
        f32([3, 2]),
      ]),
      example(`${kind} elements`, scatter(kind, [], [0, 1], [0, 1]), [
        f32([3, 3]),
        i32([3, 2], exactly(0, 2, 2, 1, 1, 1)),
        f32([3]),
      ]),
      example(`${kind} elements, index axes swapped`, scatter(kind, [], [0, 1], [1, 0]), [
        f32([4, 2]),
        i32([3, 2], exactly(1, 3, 0, 2, 1, 0)),
        f32([3]),
      ]),
      example(`${kind} blocks, of which some do not fit`, scatter(kind, [1, 2], [], [0, 1]), [
        f32([5, 4]),
        i32([3, 2], exactly(0, 0, 4, 1, 2, 2)),
        f32([3, 2, 2]),
      ]),
      example(`${kind} windows narrower than the operand`, rows, [
        f32([3, 4]),
        i32([2, 1], exactly(2, 0)),
        f32([2, 2]),
      ]),
      example(`${kind} one element`, scatter(kind, [], [0], [0]), [
        f32([4]),
        i32([1], exactly(2)),
        f32([]),
      ]),
      example(`${kind} batching axes`, scatter(kind, [2], [1], [1], [0], [0]), [
        f32([2, 4, 3]),
        i32([2, 2, 1], exactly(3, 0, 1, 2)),
        f32([2, 2, 3]),
      ]),
      example(`${kind} along an axis`, scatter(kind, [], [1], [1], [0], [0]), [
        f32([3, 4]),
        i32([3, 2, 1], exactly(0, 3, 2, 1, 3, 2)),
        f32([3, 2]),
      ]),
      example(`${kind} no index per position`, scatter(kind, [1, 2], [], []), [
        f32([3, 2]),
        i32([1, 0]),
        f32([1, 2, 2]),
      ]),
      example(`${kind} no updates`, rows, [f32([3, 2]), i32([0, 1]), f32([0, 2])]),
      example(`${kind} size 0`, rows, [f32([3, 0]), i32([2, 1], exactly(0, 1)), f32([2, 0])]),
      example(`${kind} into an axis of size 0, where nothing fits`, rows, [
        f32([0, 2]),
        i32([2, 1], exactly(0, -1)),
        f32([2, 2]),
      ]),
      example(`${kind} i32`, rows, [i32([3, 2]), i32([2, 1], exactly(2, 2)), i32([2, 2])]),
    ];
  }),
};
