import type { Local } from "../wasm/locals.ts";
import { BITS, type Expr, type LaneWriter } from "./writer.ts";

// exp(x) = 2ⁿ·exp(r) with n = round(x / ln 2). The first part of ln 2 has so few bits that its
// product with n is exact; the second part is positive, so that −0 stays −0.
const LN2_HIGH = 0.693115234375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
// Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
const ROUNDER = 12582912;
const ROUNDER_BITS = 0x4b400000;
// (exp(r) − 1 − r) / r² on |r| ≤ ln 2 / 2: a weighted minimax fit, error 1.4e-8 of exp(r) − 1.
const EXP = [
  0.4999999701976776, 0.16666540503501892, 0.041667163372039795, 0.008367013186216354,
  0.0013886019587516785,
];
// (tanh(√z)/√z − 1) / z on [0, 1]: minimax fit, error 4e-9.
const TANH = [
  -0.33333298563957214, 0.13332411646842957, -0.053884122520685196, 0.02149948664009571,
  -0.007965367287397385, 0.0023155915550887585, -0.0003625621902756393,
];

interface Reduced {
  /** n in the low bits of a pattern whose low ten bits are otherwise 0. */
  readonly n: Local;
  readonly r: Local;
  /** exp(r) − 1 − r. */
  readonly tail: Expr;
}

const reduce = (w: LaneWriter, x: Local): Reduced => {
  const n = w.keep(w.madd(x, w.f32(Math.LOG2E), w.f32(ROUNDER)));
  const whole = w.keep(w.op("f32x4.sub", n, w.f32(ROUNDER)));
  const r = w.keep(w.nmadd(whole, w.f32(LN2_LOW), w.nmadd(whole, w.f32(LN2_HIGH), x)));
  return { n, r, tail: w.op("f32x4.mul", w.op("f32x4.mul", r, r), w.polynomial(r, EXP)) };
};

/** 2ⁿ for −126 ≤ n ≤ 127. */
const power2 = (w: LaneWriter, n: Expr): Expr =>
  w.op("i32x4.add", w.shift("i32x4.shl", n, 23), w.i32(BITS.one));

/** x·2ⁿ in two exact steps and one rounding, for −252 ≤ n ≤ 254. */
const scale = (w: LaneWriter, x: Expr, n: Local): Expr => {
  const half = w.keep(w.shift("i32x4.shr_s", n, 1));
  const rest = w.op("i32x4.sub", n, half);
  return w.op("f32x4.mul", w.op("f32x4.mul", x, power2(w, half)), power2(w, rest));
};

// `pmin` and `pmax` with the limit behind keep NaN, and are one instruction each.
const atMost = (w: LaneWriter, x: Expr, limit: number): Expr => w.op("f32x4.pmin", x, w.f32(limit));
const atLeast = (w: LaneWriter, x: Expr, limit: number): Expr =>
  w.op("f32x4.pmax", x, w.f32(limit));

const onePlus = (w: LaneWriter, { r, tail }: Reduced): Expr =>
  w.op("f32x4.add", w.op("f32x4.add", r, tail), w.f32(1));

/** exp(x), also where it is denormal. */
export const exponential = (w: LaneWriter, x: Expr): Expr => {
  const reduced = reduce(w, w.keep(atLeast(w, atMost(w, x, 89), -104)));
  return scale(w, onePlus(w, reduced), reduced.n);
};

/** exp(x) for |x| ≤ 87: one step of scaling does. */
export const exponentialInRange = (w: LaneWriter, x: Expr): Expr => {
  const reduced = reduce(w, w.keep(x));
  return w.op("f32x4.mul", onePlus(w, reduced), power2(w, reduced.n));
};

/** exp(x) − 1. */
export const exponentialMinusOne = (w: LaneWriter, x: Local): Expr => {
  const { n, r, tail } = reduce(w, w.keep(atLeast(w, atMost(w, x, 89), -18)));
  const minusOne = w.op("f32x4.add", r, tail);
  // 2ⁿ·((1 − 2⁻ⁿ) + (exp(r) − 1)): for n = 0 nothing is rounded away. From n = 64 on, 2⁻ⁿ does not
  // matter; its exponent must stay in range.
  const bits = w.op("i32x4.sub", n, w.i32(ROUNDER_BITS));
  const inverse = w.op(
    "i32x4.sub",
    w.i32(BITS.one),
    w.shift("i32x4.shl", w.op("i32x4.min_s", bits, w.i32(64)), 23),
  );
  const sum = w.op("f32x4.add", w.op("f32x4.sub", w.f32(1), inverse), minusOne);
  return w.withSignOf(scale(w, sum, n), x);
};

/** 1 / (1 + exp(−x)), with full relative precision also for x far below 0. */
export const logistic = (w: LaneWriter, x: Local): Expr => {
  const small = w.keep(exponential(w, w.op("f32x4.neg", w.abs(x))));
  const numerator = w.select(w.op("f32x4.lt", x, w.f32(0)), small, w.f32(1));
  return w.op("f32x4.div", numerator, w.op("f32x4.add", small, w.f32(1)));
};

/** tanh(x): a polynomial up to 1, 1 − 2/(exp(2|x|) + 1) beyond. */
export const tanh = (w: LaneWriter, x: Local): Expr => {
  const size = w.keep(w.abs(x));
  const square = w.keep(w.op("f32x4.mul", size, size));
  const low = w.keep(w.madd(w.op("f32x4.mul", size, square), w.polynomial(square, TANH), size));
  const clamped = w.keep(atMost(w, size, 10));
  const power = exponentialInRange(w, w.op("f32x4.add", clamped, clamped));
  const high = w.op(
    "f32x4.sub",
    w.f32(1),
    w.op("f32x4.div", w.f32(2), w.op("f32x4.add", power, w.f32(1))),
  );
  return w.withSignOf(w.select(w.op("f32x4.lt", size, w.f32(1)), low, high), x);
};
