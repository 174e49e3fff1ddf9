import { at, complement, isFloat, sizeOf } from "../../ir/shape.ts";
import type { DotDims, Shape, TensorType } from "../../ir/types.ts";
import { full } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { concat, slice, transpose } from "../move.ts";
import { type Ref, type Val, view, whole } from "../ref.ts";

// Below this many multiplications per matrix the fixed cost of splitting a batch outweighs wasm's
// slower batched loop.
const SPLIT_BATCH_ABOVE = 1 << 15;

/** Sizes of some axes. */
export const pick = (shape: Shape, axes: readonly number[]): number[] =>
  axes.map((axis) => at(shape, axis));

/** [batch, rows, columns] of an operand, with the last two swapped if that avoids a transpose. */
interface Matrix {
  readonly ref: Ref;
  readonly swapped: boolean;
}

const matrix = (
  e: Emitter,
  x: Ref,
  batch: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
): Matrix => {
  const sizes = [batch, rows, columns].map((axes) => sizeOf(pick(x.shape, axes))) as [
    number,
    number,
    number,
  ];
  const [b, r, c] = sizes;
  const moves = (order: readonly number[]): boolean => {
    const real = order.filter((axis) => x.shape[axis] !== 1);
    return real.some((axis, i) => i > 0 && axis < at(real, i - 1));
  };
  const swap = [...batch, ...columns, ...rows];
  // wasm runs its fast kernel on plain operands only, and a transpose costs little beside it.
  const flags = e.target.name !== "wasm" && moves([...batch, ...rows, ...columns]) && !moves(swap);
  if (flags) return { ref: view(transpose(e, x, swap), [b, c, r]), swapped: true };
  return { ref: view(transpose(e, x, [...batch, ...rows, ...columns]), sizes), swapped: false };
};

/** Product of [batch, m, k] and [batch, k, n] matrices. */
export const matMul = (e: Emitter, a: Matrix, b: Matrix): Ref => {
  const [batch, rows, columns] = a.ref.shape as [number, number, number];
  const [m, k] = a.swapped ? [columns, rows] : [rows, columns];
  const n = at(b.ref.shape, b.swapped ? 1 : 2);
  const attrs = { transposeA: a.swapped, transposeB: b.swapped };
  if (e.target.name === "wasm" && batch > 1 && m * k * n > SPLIT_BATCH_ABOVE) {
    const parts = Array.from({ length: batch }, (_, i) => {
      const one = (x: Ref): Ref => slice(e, x, [i, 0, 0], [1, at(x.shape, 1), at(x.shape, 2)]);
      const inputs = { a: one(a.ref), b: one(b.ref) };
      return e.kernel("BatchMatMul", inputs, attrs, [1, m, n], "float32");
    });
    return concat(e, parts, 0);
  }
  return e.kernel("BatchMatMul", { a: a.ref, b: b.ref }, attrs, [batch, m, n], "float32");
};

/**
 * Σ over the contracted axes of a·b for each index of the batch axes: [batch…, rest of a…, rest of
 * b…].
 */
export const contract = (e: Emitter, x: Ref, y: Ref, dims: DotDims): Ref => {
  const { lhsBatch, rhsBatch, lhsContracting, rhsContracting } = dims;
  const lhsFree = complement(x.shape.length, [...lhsBatch, ...lhsContracting]);
  const rhsFree = complement(y.shape.length, [...rhsBatch, ...rhsContracting]);
  const [batch, rows] = [pick(x.shape, lhsBatch), pick(x.shape, lhsFree)];
  const columns = pick(y.shape, rhsFree);
  const shape = [...batch, ...rows, ...columns];
  const a = matrix(e, x, lhsBatch, lhsFree, lhsContracting);
  const b = matrix(e, y, rhsBatch, rhsContracting, rhsFree);
  if (sizeOf(pick(x.shape, lhsContracting)) > 1) return view(matMul(e, a, b), shape);
  // An outer product.
  const [n, m, k] = [sizeOf(batch), sizeOf(rows), sizeOf(columns)];
  const inputs = { a: view(a.ref, [n, m, 1]), b: view(b.ref, [n, 1, k]) };
  return view(e.kernel("Multiply", inputs, {}, [n, m, k], "float32"), shape);
};

/** Lowering of dot_general. */
export const dot = (e: Emitter, [x, y]: readonly Val[], dims: DotDims, type: TensorType): Val => {
  const { shape, dtype } = type;
  const contracted = sizeOf(pick(x!.shape, dims.lhsContracting));
  if (contracted === 0 || sizeOf(shape) === 0) return e.splat(dtype, shape, 0);
  if (!isFloat(dtype)) return onHost(e, "dot_general", [x!, y!], dims, [type])[0]!;
  return whole(contract(e, full(e, x!), full(e, y!), dims), dtype, shape);
};
