import { at, complement, range, sizeOf } from "../../ir/shape.ts";
import type { OpAttrs, TensorType } from "../../ir/types.ts";
import { full, mapAligned, mapOne, mapTwo } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { transpose } from "../move.ts";
import { type Ref, type Val, view, whole } from "../ref.ts";
import { takeRows } from "./address.ts";

const SIGN_BIT = -(2 ** 31);

/**
 * Keys for TopK, which sorts downward and keeps the order of equals: the most significant last, as
 * sorting by each in turn wants. Integers come in two halves, because tfjs's WebGPU kernels compare as
 * floats, exact up to 2²⁴.
 */
const descendingKeys = (e: Emitter, x: Val, descending: boolean): readonly Ref[] | undefined => {
  if (x.dtype === "bool") {
    const key = mapOne(e, "Cast", full(e, x), "int32", { dtype: "int32" });
    return [descending ? key : mapOne(e, "Neg", key)];
  }
  if (x.dtype === "f32" || x.dtype === "f16") {
    return [descending ? full(e, x) : mapOne(e, "Neg", full(e, x))];
  }
  if (!e.has("LayerwiseBitwise")) return undefined;
  const bitwise = (op: string, a: Ref, word: number): Ref =>
    mapAligned(e, "LayerwiseBitwise", { a, b: e.scalar("int32", word) }, { op }, "int32");
  // Flipping all bits reverses the order and, unlike negation, moves the lowest number too.
  const upward = x.dtype === "u32" ? bitwise("xor", full(e, x), SIGN_BIT) : full(e, x);
  const key = descending ? upward : bitwise("xor", upward, -1);
  return [bitwise("and", key, 0xffff), bitwise("shift_right_arithmetic", key, 16)];
};

/** Numbers of the elements of a matrix, row by row in descending order of the keys. */
const descendingOrder = (e: Emitter, keys: readonly Ref[], rows: number, length: number): Ref => {
  const base = e.constant(
    "int32",
    [rows, 1],
    range(rows).map((row) => row * length),
  );
  let order: Ref | undefined;
  for (const key of keys) {
    const sorted = order === undefined ? key : view(takeRows(e, key, order, 1), [rows, length]);
    const results = [sorted, { shape: sorted.shape, dtype: "int32" } as const];
    const [, found] = e.kernels("TopK", { x: sorted }, { k: length, sorted: true }, results);
    const numbers = mapTwo(e, "Add", found!, base);
    order = order === undefined ? numbers : view(takeRows(e, order, numbers, 1), [rows, length]);
  }
  return order!;
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
  const keys = descendingKeys(e, at(inputs, 0), descending);
  if (keys === undefined) return onHost(e, "sort", inputs, attrs, types);
  const length = at(shape, dimension);
  const order = [...complement(shape.length, [dimension]), dimension];
  const back = range(shape.length).map((axis) => order.indexOf(axis));
  const rows = sizeOf(shape) / length;
  const moved = (ref: Ref): Ref => view(transpose(e, ref, order), [rows, length]);
  const flat = descendingOrder(e, keys.map(moved), rows, length);
  const last = order.map((axis) => at(shape, axis));
  return inputs.map((x) => {
    const taken = takeRows(e, moved(full(e, x)), flat, 1);
    return whole(transpose(e, view(taken, last), back), x.dtype);
  });
};
