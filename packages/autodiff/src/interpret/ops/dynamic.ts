import { at, range, sizeOf } from "../../ir/shape.ts";
import type { DynamicSliceOp, Shape, TensorType } from "../../ir/types.ts";
import { full, mapTwo, spread } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { type Lower, single } from "../lower.ts";
import { slice } from "../move.ts";
import { type Ref, type Val, view, whole } from "../ref.ts";
import { takeMiddle } from "./address.ts";
import { select } from "./arithmetic.ts";

type Dynamic = DynamicSliceOp;

/** `start` limited so that a slice with `room` to spare fits. */
const clamped = (e: Emitter, start: Val, room: number): Ref => {
  const low = mapTwo(e, "Maximum", start.ref, e.scalar("int32", 0));
  return mapTwo(e, "Minimum", low, e.scalar("int32", room));
};

const counting = (e: Emitter, size: number): Ref => e.constant("int32", [size], range(size));

/** Elements along one axis by number. */
const take = (e: Emitter, x: Ref, axis: number, numbers: Ref): Ref => {
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const out = takeMiddle(e, view(x, [outer, at(x.shape, axis), inner]), numbers);
  const count = sizeOf(numbers.shape);
  return view(
    out,
    x.shape.map((d, i) => (i === axis ? count : d)),
  );
};

const dynamicSlice = (e: Emitter, x: Val, starts: readonly Val[], sizes: Shape): Val => {
  const taken = sizes.reduce(
    (ref: Ref, size, axis) => {
      const room = at(x.shape, axis) - size;
      if (room === 0) return ref;
      const start = at(starts, axis);
      if (start.splat !== undefined) {
        const from = Math.max(0, Math.min(room, start.splat));
        const begin = ref.shape.map((_, i) => (i === axis ? from : 0));
        return slice(
          e,
          ref,
          begin,
          ref.shape.map((d, i) => (i === axis ? size : d)),
        );
      }
      const numbers = mapTwo(e, "Add", counting(e, size), clamped(e, start, room));
      return take(e, ref, axis, numbers);
    },
    full(e, x),
  );
  return whole(taken, x.dtype);
};

const dynamicUpdateSlice = (
  e: Emitter,
  x: Val,
  update: Val,
  starts: readonly Val[],
  { shape, dtype }: TensorType,
): Val => {
  let spreadOut = full(e, update);
  let mask: Ref | undefined;
  shape.forEach((size, axis) => {
    const length = at(update.shape, axis);
    if (length === size) return;
    // Where each element of the operand would lie in the update, and whether it does.
    const offset = clamped(e, at(starts, axis), size - length);
    const place = mapTwo(e, "Sub", counting(e, size), offset);
    const [first, last] = [e.scalar("int32", 0), e.scalar("int32", length - 1)];
    const above = mapTwo(e, "GreaterEqual", place, first, "bool");
    const below = mapTwo(e, "LessEqual", place, last, "bool");
    const inside = spread(mapTwo(e, "LogicalAnd", above, below), "bool", shape, axis).ref;
    mask = mask === undefined ? inside : mapTwo(e, "LogicalAnd", mask, inside);
    const numbers = mapTwo(e, "Minimum", mapTwo(e, "Maximum", place, first), last);
    spreadOut = take(e, spreadOut, axis, numbers);
  });
  if (mask === undefined) return update;
  return select(e, { shape, dtype: "bool", ref: mask }, whole(spreadOut, dtype), x);
};

/** Lowering of slices whose start is known only at run time. */
export const dynamics: { readonly [K in Dynamic]: Lower<K> } = {
  dynamic_slice: single((e, [x, ...starts], { sizes }, { shape, dtype }) =>
    sizeOf(shape) === 0 ? e.splat(dtype, shape, 0) : dynamicSlice(e, x!, starts, sizes),
  ),
  dynamic_update_slice: single((e, [x, update, ...starts], _, type) =>
    sizeOf(update!.shape) === 0 ? x! : dynamicUpdateSlice(e, x!, update!, starts, type),
  ),
};
