import { type Builder, literal } from "../../ir/builder.ts";
import { at, range } from "../../ir/shape.ts";
import type {
  AddressingOp,
  OpAttrs,
  ScatterDims,
  Shape,
  TensorType,
  Value,
} from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeArgs, TransposeRule } from "../types.ts";

type Indexing = AddressingOp | "sort" | "threefry2x32";

const scatterDims = (dims: OpAttrs["gather"]): ScatterDims => ({
  updateWindowDims: dims.offsetDims,
  insertedWindowDims: dims.collapsedSliceDims,
  inputBatchingDims: dims.operandBatchingDims,
  indicesBatchingDims: dims.indicesBatchingDims,
  scatterDimsToOperandDims: dims.startIndexMap,
});

/** The gather that reads what a scatter of windows of these sizes writes. */
const gatherDims = (dims: ScatterDims, sliceSizes: Shape): OpAttrs["gather"] => ({
  offsetDims: dims.updateWindowDims,
  collapsedSliceDims: dims.insertedWindowDims,
  operandBatchingDims: dims.inputBatchingDims,
  indicesBatchingDims: dims.indicesBatchingDims,
  startIndexMap: dims.scatterDimsToOperandDims,
  sliceSizes,
});

/** The window that a scatter writes at each position, as sizes along the operand's axes. */
const windowSizes = (dims: ScatterDims, rank: number, updates: Shape): number[] => {
  let next = 0;
  return range(rank).map((axis) =>
    dims.insertedWindowDims.includes(axis) || dims.inputBatchingDims.includes(axis)
      ? 1
      : at(updates, at(dims.updateWindowDims, next++)),
  );
};

/** The last start at which a slice still fits, per indexed axis, stretched over all indices. */
const lastStarts = (
  b: Builder,
  indices: Value,
  shape: Shape,
  axes: readonly number[],
  sizes: Shape,
): Value => {
  const last = axes.map((axis) => at(shape, axis) - at(sizes, axis));
  const row = b.constant({ shape: [axes.length], dtype: "i32" }, literal("i32", last));
  return b.broadcastTo(row, indices.type.shape);
};

/** gather clamps its starts, scatter drops what does not fit; so they are clamped before. */
const gather = (
  b: Builder,
  { types, attrs, operand, cotangents }: TransposeArgs<"gather">,
): Value => {
  const [x, indices] = [at(types, 0), operand(1)];
  const last = lastStarts(b, indices, x.shape, attrs.startIndexMap, attrs.sliceSizes);
  const clamped = b.map("clamp", b.zeros(indices.type), indices, last);
  const ct = given(cotangents);
  return b.one("scatter", [b.zeros(x), clamped, ct], { ...scatterDims(attrs), kind: "add" });
};

/** Reads the cotangents of updates back, zero for those that were dropped. */
const addedUpdates = (b: Builder, args: TransposeArgs<"scatter">): Value => {
  const { types, attrs, operand, cotangents } = args;
  const [x, updates, indices] = [at(types, 0), at(types, 2), operand(1)];
  const sizes = windowSizes(attrs, x.shape.length, updates.shape);
  const read = b.one("gather", [given(cotangents), indices], gatherDims(attrs, sizes));
  const last = lastStarts(b, indices, x.shape, attrs.scatterDimsToOperandDims, sizes);
  const fits = b.one(
    "and",
    [b.compare(indices, "GE", b.zeros(indices.type)), b.compare(indices, "LE", last)],
    {},
  );
  const all = b.reduce(fits, "and", [indices.type.shape.length - 1]);
  const batch = range(updates.shape.length).filter((i) => !attrs.updateWindowDims.includes(i));
  return b.select(b.broadcastInDim(all, updates.shape, batch), read, b.zeros(read.type));
};

/**
 * Reads the cotangents of those updates that were not overwritten or dropped. Every update element
 * writes its own number; who finds that number still in its place has won.
 */
const setUpdates = (b: Builder, args: TransposeArgs<"scatter">): Value => {
  const { types, attrs, operand, cotangents } = args;
  const [x, updates, indices] = [at(types, 0), at(types, 2), operand(1)];
  const sizes = windowSizes(attrs, x.shape.length, updates.shape);
  const dims = gatherDims(attrs, sizes);
  const numbers = numbered(b, updates);
  const board = b.fill({ shape: x.shape, dtype: "i32" }, -1);
  const written = b.one("scatter", [board, indices, numbers], attrs);
  const found = b.one("gather", [written, indices], dims);
  const read = b.one("gather", [given(cotangents), indices], dims);
  return b.select(b.compare(found, "EQ", numbers), read, b.zeros(read.type));
};

/** 0, 1, 2, … in row-major order. */
const numbered = (b: Builder, { shape }: TensorType): Value => {
  const size = shape.reduce((n, d) => n * d, 1);
  return b.reshape(b.iota({ shape: [size], dtype: "i32" }, 0), shape);
};

const scatter: TransposeRule<"scatter"> = (b, args) => {
  const { types, linear, attrs, operand, cotangents } = args;
  const ct = given(cotangents);
  if (attrs.kind === "add") return [ct, undefined, linear[2] ? addedUpdates(b, args) : undefined];
  const kept = (): Value => b.one("scatter", [ct, operand(1), b.zeros(at(types, 2))], attrs);
  return [linear[0] ? kept() : undefined, undefined, linear[2] ? setUpdates(b, args) : undefined];
};

/** Transposes of operations that address elements by index. */
export const indexing: { readonly [K in Indexing]: TransposeRule<K> | "nonlinear" } = {
  gather: (b, args) => [gather(b, args)],
  scatter,
  sort: "nonlinear",
  threefry2x32: "nonlinear",
};
