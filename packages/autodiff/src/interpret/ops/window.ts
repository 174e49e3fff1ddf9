import { at, isFloat, range, sizeOf } from "../../ir/shape.ts";
import type { OpAttrs, TensorType, Window, WindowOp } from "../../ir/types.ts";
import { full, mapOne, mapTwo, stretch } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { type Lower, single } from "../lower.ts";
import { pad, stridedSlice } from "../move.ts";
import { type Ref, tfType, type Val, whole } from "../ref.ts";
import { compare, extreme, mul, num, select } from "./arithmetic.ts";
import { identityOf } from "./reduction.ts";

type Windowed = WindowOp;
type Monoid = OpAttrs["reduce_window"]["monoid"];

const lows = (w: Window): number[] => w.padding.map(([low]) => low);
const highs = (w: Window): number[] => w.padding.map(([, high]) => high);
const only = (axis: number, list: readonly number[], rest: number): number[] =>
  list.map((n, i) => (i === axis ? n : rest));

/** What tfjs's pooling kernels need: windows over the middle axes of [batch, y, x, features]. */
const pooling = (x: Val, w: Window) => {
  const [before, down, across, after] = w.dimensions;
  const fits =
    isFloat(x.dtype) &&
    x.shape.length === 4 &&
    before === 1 &&
    after === 1 &&
    down! * across! > 1 &&
    [0, 3].every((i) => w.strides[i] === 1 && at(w.padding, i).every((n) => n === 0)) &&
    [1, 2].every((i) => at(w.padding, i).every((n) => n >= 0 && n < w.dimensions[i]!));
  return fits
    ? { filterSize: [down!, across!], strides: w.strides.slice(1, 3), pad: w.padding }
    : undefined;
};

const combine = (e: Emitter, monoid: Monoid, a: Val, b: Val): Val => {
  if (monoid === "multiply") return mul(e, a, b);
  if (monoid === "add") return whole(mapTwo(e, "Add", a.ref, b.ref), a.dtype);
  return extreme(e, monoid, a, b);
};

/** Folds windows axis by axis: the monoids commute. */
const foldWindows = (e: Emitter, x: Val, monoid: Monoid, w: Window): Val => {
  const { dtype } = x;
  const identity = identityOf(monoid, dtype);
  const filler = tfType(dtype) === "int32" ? identity | 0 : identity;
  const none = x.shape.map(() => 0);
  return range(x.shape.length).reduce((current, axis) => {
    const [size, stride] = [at(w.dimensions, axis), at(w.strides, axis)];
    const low = only(axis, lows(w), 0);
    const high = only(axis, highs(w), 0);
    const padded = pad(e, full(e, current), low, high, none, filler);
    const count = Math.floor((at(padded.shape, axis) - size) / stride) + 1;
    const sizes = only(
      axis,
      padded.shape.map(() => count),
      0,
    ).map((n, i) => (i === axis ? n : at(padded.shape, i)));
    const steps = only(axis, w.strides, 1);
    return range(size)
      .map((k) =>
        stridedSlice(
          e,
          padded,
          only(
            axis,
            none.map(() => k),
            0,
          ),
          steps,
          sizes,
        ),
      )
      .map((ref) => whole(ref, dtype))
      .reduce((sum, part) => combine(e, monoid, sum, part));
  }, x);
};

const reduceWindow = (
  e: Emitter,
  x: Val,
  { monoid, ...w }: OpAttrs["reduce_window"],
  type: TensorType,
): Val => {
  const { shape, dtype } = type;
  if (sizeOf(shape) === 0) return e.splat(dtype, shape, 0);
  if (sizeOf(w.dimensions) === 0 || sizeOf(x.shape) === 0) {
    return e.splat(dtype, shape, identityOf(monoid, dtype));
  }
  const attrs = pooling(x, w);
  if (attrs === undefined || monoid === "multiply") return foldWindows(e, x, monoid, w);
  const pool = (kernel: string, ref: Ref, padding: unknown): Ref =>
    e.kernel(kernel, { x: ref }, { ...attrs, pad: padding }, shape, "float32");
  if (monoid === "maximum") return whole(pool("MaxPool", full(e, x), attrs.pad), dtype);
  if (monoid === "minimum") {
    const negated = mapOne(e, "Neg", full(e, x));
    return whole(mapOne(e, "Neg", pool("MaxPool", negated, attrs.pad)), dtype);
  }
  // AvgPool leaves padding out of its count.
  const none = x.shape.map(() => 0);
  const padded = pad(e, full(e, x), lows(w), highs(w), none, 0);
  const mean = pool("AvgPool", padded, "valid");
  const count = e.scalar("float32", sizeOf(w.dimensions));
  return whole(mapTwo(e, "Multiply", mean, count), dtype);
};

/** Start of the slice that holds the k-th element of every window. */
const elementsOf = (w: Window): number[][] =>
  w.dimensions.reduce<number[][]>(
    (list, size) => list.flatMap((head) => range(size).map((i) => [...head, i])),
    [[]],
  );

/** For each element of the windows: where it is the first maximum so far. */
const contest = (
  e: Emitter,
  x: Val,
  w: Window,
  counts: readonly number[],
  challenge: (take: Val, start: readonly number[], k: number) => void,
): void => {
  const none = x.shape.map(() => 0);
  const lowest = identityOf("maximum", x.dtype);
  const padTo = (ref: Ref, value: number): Ref => pad(e, ref, lows(w), highs(w), none, value);
  const padded = padTo(full(e, x), x.dtype === "u32" ? 0 : lowest);
  const hasPadding = w.padding.flat().some((n) => n > 0);
  // Constant masks: which windows have a real element at each place.
  const real = hasPadding ? padTo(stretch(e, e.scalar("bool", 1), x.shape), 0) : undefined;
  let best = e.splat(x.dtype, counts, lowest);
  let found = e.splat("bool", counts, 0);
  elementsOf(w).forEach((start, k) => {
    const value = whole(stridedSlice(e, padded, start, w.strides, counts), x.dtype);
    const inside =
      real === undefined
        ? e.splat("bool", counts, 1)
        : whole(stridedSlice(e, real, start, w.strides, counts), "bool");
    const fresh = k > 0 && real === undefined ? undefined : { inside, found };
    let take = compare(e, "GT", value, best);
    if (isFloat(x.dtype)) {
      // NaN is above all numbers, and the first one stays.
      const jump = logical(
        e,
        "LogicalAnd",
        compare(e, "NE", value, value),
        compare(e, "EQ", best, best),
      );
      take = logical(e, "LogicalOr", take, jump);
    }
    if (fresh !== undefined) {
      const first = logical(
        e,
        "LogicalAnd",
        inside,
        whole(mapOne(e, "LogicalNot", found.ref), "bool"),
      );
      take = logical(e, "LogicalOr", take, { ...first, shape: counts });
      found = { ...logical(e, "LogicalOr", found, inside), shape: counts };
    }
    best = select(e, take, value, best);
    challenge(take, start, k);
  });
};

const logical = (e: Emitter, kernel: string, a: Val, b: Val): Val =>
  whole(mapTwo(e, kernel, a.ref, b.ref), "bool");

const selectAndGather = (
  e: Emitter,
  x: Val,
  values: Val,
  w: Window,
  { shape, dtype }: TensorType,
): Val => {
  const none = x.shape.map(() => 0);
  const padded = pad(e, full(e, values), lows(w), highs(w), none, 0);
  let result = e.splat(dtype, shape, 0);
  contest(e, x, w, shape, (take, start) => {
    const value = whole(stridedSlice(e, padded, start, w.strides, shape), dtype);
    result = select(e, take, value, result);
  });
  return result;
};

const selectAndScatter = (
  e: Emitter,
  x: Val,
  source: Val,
  w: Window,
  { shape, dtype }: TensorType,
): Val => {
  const counts = source.shape;
  const attrs = pooling(x, w);
  if (attrs !== undefined && isFloat(dtype)) {
    const input = full(e, x);
    const dy = full(e, source);
    if (e.has("LayerwiseMaxPoolGradient")) {
      const made = e.kernel("LayerwiseMaxPoolGradient", { dy, input }, attrs, shape, "float32");
      return whole(made, dtype);
    }
    const output = e.kernel("MaxPool", { x: input }, attrs, counts, "float32");
    return whole(e.kernel("MaxPoolGrad", { dy, input, output }, attrs, shape, "float32"), dtype);
  }
  // The number of the winner of each window, then each element's winners back in its place.
  let winner = e.splat("i32", counts, -1);
  contest(e, x, w, counts, (take, _, k) => {
    winner = select(e, take, num(e, winner, k), winner);
  });
  const interior = w.strides.map((n) => n - 1);
  const zero = e.splat(dtype, counts, 0);
  const terms = elementsOf(w).map((start, k) => {
    const won = compare(e, "EQ", winner, num(e, winner, k));
    const part = full(e, { ...select(e, won, source, zero), shape: counts });
    const low = start.map((n, i) => n - at(w.padding, i)[0]);
    const span = counts.map((n, i) => (n - 1) * at(w.strides, i) + 1);
    const high = shape.map((d, i) => d - at(low, i) - at(span, i));
    return pad(e, part, low, high, interior, 0);
  });
  return whole(
    terms.reduce((sum, term) => mapTwo(e, "Add", sum, term)),
    dtype,
  );
};

const nothing = (x: Val, w: Window): boolean => sizeOf(x.shape) === 0 || sizeOf(w.dimensions) === 0;

/** Lowering of operations over sliding windows. */
export const windows: { readonly [K in Windowed]: Lower<K> } = {
  reduce_window: single((e, [x], attrs, type) => reduceWindow(e, x!, attrs, type)),
  select_and_scatter: single((e, [x, source], w, type) => {
    const empty = nothing(x!, w) || sizeOf(source!.shape) === 0;
    if (empty) return e.splat(type.dtype, type.shape, 0);
    if (x!.dtype === "u32") return onHost(e, "select_and_scatter", [x!, source!], w, [type])[0]!;
    return selectAndScatter(e, x!, source!, w, type);
  }),
  select_and_gather: single((e, [x, values], w, type) => {
    if (nothing(x!, w) || sizeOf(type.shape) === 0) return e.splat(type.dtype, type.shape, 0);
    if (x!.dtype === "u32") return onHost(e, "select_and_gather", [x!, values!], w, [type])[0]!;
    return selectAndGather(e, x!, values!, w, type);
  }),
};
