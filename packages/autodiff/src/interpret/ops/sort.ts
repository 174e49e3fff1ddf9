import { at, complement, range, sizeOf } from "../../ir/shape.ts";
import type { OpAttrs, TensorType } from "../../ir/types.ts";
import { full, mapOne, mapTwo } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { transpose } from "../move.ts";
import { type Ref, type Val, view, whole } from "../ref.ts";
import { takeRows } from "./address.ts";
import { add, num, sub } from "./arithmetic.ts";

const SIGN_BIT = -(2 ** 31);

/** Keys that TopK, which sorts downward and keeps the order of equals, puts in the right order. */
const descendingKeys = (e: Emitter, x: Val, descending: boolean): Ref => {
  if (x.dtype === "bool") {
    const key = mapOne(e, "Cast", full(e, x), "int32", { dtype: "int32" });
    return descending ? key : mapOne(e, "Neg", key);
  }
  const signed = x.dtype === "u32" ? add(e, x, num(e, x, SIGN_BIT)) : x;
  if (descending) return full(e, signed);
  // For integers −1 − x: negation would leave the lowest number where it is.
  const float = x.dtype === "f32" || x.dtype === "f16";
  return float ? mapOne(e, "Neg", full(e, signed)) : full(e, sub(e, num(e, signed, -1), signed));
};

/**
 * Lowering of sort. On the host where the backend can be read at once (tfjs's own TopK sorts there
 * too); else by TopK along the last axis and a gather per operand.
 */
export const sort = (
  e: Emitter,
  inputs: readonly Val[],
  attrs: OpAttrs["sort"],
  types: readonly TensorType[],
): readonly Val[] => {
  const { shape } = at(inputs, 0);
  // TopK on one element returns its input without counting the reference.
  if (sizeOf(shape) === 0 || at(shape, attrs.dimension) === 1) return inputs;
  if (e.target.readsSync || !e.has("TopK")) return onHost(e, "sort", inputs, attrs, types);
  const { dimension, descending } = attrs;
  const length = at(shape, dimension);
  const order = [...complement(shape.length, [dimension]), dimension];
  const back = range(shape.length).map((axis) => order.indexOf(axis));
  const rows = sizeOf(shape) / length;
  const moved = (ref: Ref): Ref => view(transpose(e, ref, order), [rows, length]);
  const keys = moved(descendingKeys(e, at(inputs, 0), descending));
  const results = [keys, { shape: keys.shape, dtype: "int32" } as const];
  const [, numbers] = e.kernels("TopK", { x: keys }, { k: length, sorted: true }, results);
  const base = e.constant(
    "int32",
    [rows, 1],
    range(rows).map((row) => row * length),
  );
  const flat = mapTwo(e, "Add", numbers!, base);
  const last = order.map((axis) => at(shape, axis));
  return inputs.map((x) => {
    const taken = takeRows(e, moved(full(e, x)), flat, 1);
    return whole(transpose(e, view(taken, last), back), x.dtype);
  });
};
