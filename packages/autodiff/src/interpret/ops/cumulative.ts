import { at, isFloat, sizeOf } from "../../ir/shape.ts";
import type { OpAttrs, TensorType } from "../../ir/types.ts";
import { full } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { axisBack, axisLast, pad, slice } from "../move.ts";
import { tfType, type Val, view, whole } from "../ref.ts";
import { extreme, mul } from "./arithmetic.ts";
import { identityOf } from "./reduction.ts";

/** Lowering of cumulative: a kernel for sums and products, doubling shifts for the rest. */
export const cumulative = (
  e: Emitter,
  [x]: readonly Val[],
  { monoid, dimension, reverse }: OpAttrs["cumulative"],
  { shape, dtype }: TensorType,
): Val => {
  const length = at(shape, dimension);
  if (sizeOf(shape) === 0 || length === 1) return x!;
  if (monoid === "add" || (monoid === "multiply" && isFloat(dtype))) {
    const kernel = monoid === "add" ? "Cumsum" : "Cumprod";
    const attrs = { axis: 1, exclusive: false, reverse };
    const rows = axisLast(e, full(e, x!), dimension);
    const sums = e.kernel(kernel, { x: rows }, attrs, rows.shape, rows.dtype);
    return whole(axisBack(e, sums, shape, dimension), dtype);
  }
  const three = [sizeOf(shape.slice(0, dimension)), length, sizeOf(shape.slice(dimension + 1))];
  const flat = view(full(e, x!), three);
  const identity = identityOf(monoid, dtype);
  const filler = tfType(dtype) === "int32" ? identity | 0 : identity;
  let sums = whole(flat, dtype);
  for (let shift = 1; shift < length; shift *= 2) {
    const [low, high] = reverse ? [0, shift] : [shift, 0];
    const padded = pad(e, sums.ref, [0, low, 0], [0, high, 0], [0, 0, 0], filler);
    const moved = whole(slice(e, padded, [0, high, 0], three), dtype);
    sums = monoid === "multiply" ? mul(e, sums, moved) : extreme(e, monoid, sums, moved);
  }
  return whole(view(sums.ref, shape), dtype);
};
