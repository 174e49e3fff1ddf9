import { at, range } from "../../ir/shape.ts";
import type { MovementOp, OpAttrs, OpName, TensorType } from "../../ir/types.ts";
import { broadcastInDim, full, spread, stretch } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { type Lower, type LowerOne, single } from "../lower.ts";
import { concat, flip, pad, slice, stridedSlice, transpose } from "../move.ts";
import { padRank, type Ref, tfType, trimRank, type Val, view, whole } from "../ref.ts";
import { select } from "./arithmetic.ts";

type Movement = MovementOp;

const movement: { readonly [K in Movement]: LowerOne<K> } = {
  constant: (e, _, { type, data }) => e.literal(type, data),
  iota: (e, _, { type, dimension }) => {
    const size = at(type.shape, dimension);
    const ref = e.constant(tfType(type.dtype), [size], range(size));
    return spread(ref, type.dtype, type.shape, dimension);
  },
  broadcast_in_dim: (_, [x], { shape, dimensions }) => broadcastInDim(x!, shape, dimensions),
  reshape: (e, [x], { shape }) =>
    x!.splat === undefined ? whole(view(full(e, x!), shape), x!.dtype) : { ...x!, shape },
  transpose: (e, [x], { permutation }, { shape, dtype }) => {
    if (x!.splat !== undefined) return { ...x!, shape };
    const physical = view(x!.ref, padRank(x!.ref.shape, permutation.length));
    const moved = transpose(e, physical, permutation);
    return { shape, dtype, ref: view(moved, trimRank(moved.shape)) };
  },
  reverse: (e, [x], { dimensions }) => {
    const { dtype } = x!;
    const axes = dimensions.filter((axis) => at(x!.shape, axis) > 1);
    if (axes.length === 0 || x!.splat !== undefined) return x!;
    return whole(flip(e, full(e, x!), axes), dtype);
  },
  slice: (e, [x], attrs, type) => {
    const { start, strides } = attrs;
    if (x!.splat !== undefined) return { ...x!, shape: type.shape };
    if (strides.every((step, i) => step === 1 || type.shape[i]! <= 1)) {
      return whole(slice(e, full(e, x!), start, type.shape), type.dtype);
    }
    return whole(stridedSlice(e, full(e, x!), start, strides, type.shape), type.dtype);
  },
  pad: (e, [x, value], attrs, type) => {
    const filler = value!.splat;
    if (filler !== undefined) return padWith(e, full(e, x!), attrs, filler, type);
    // A padding value known only at run time: a constant mask says where it goes.
    const zeros = padWith(e, full(e, x!), attrs, 0, type);
    const ones = stretch(e, e.scalar("bool", 1), x!.shape);
    const inside = padWith(e, ones, attrs, 0, { ...type, dtype: "bool" });
    return select(e, inside, zeros, { ...type, ref: value!.ref });
  },
  concatenate: (e, xs, { dimension }, type) =>
    whole(
      concat(
        e,
        xs.map((x) => full(e, x)),
        dimension,
      ),
      type.dtype,
    ),
};

const padWith = (
  e: Emitter,
  x: Ref,
  { low, high, interior }: OpAttrs["pad"],
  value: number,
  type: TensorType,
): Val => {
  const filler = type.dtype === "u32" ? value | 0 : value;
  return whole(pad(e, x, low, high, interior, filler), type.dtype);
};

/** Lowering of constants and of operations that only move elements. */
export const movements: { readonly [K in Movement]: Lower<K> } = Object.fromEntries(
  Object.entries(movement).map(([op, lower]) => [op, single(lower as LowerOne<OpName>)]),
) as { readonly [K in Movement]: Lower<K> };
