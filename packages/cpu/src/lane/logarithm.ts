import type { Local } from "../wasm/locals.ts";
import { BITS, type Expr, type LaneWriter } from "./writer.ts";

// log(x) = e·ln 2 + log(m) with m in [√½, √2). e·LN2_HIGH is exact.
const LN2_HIGH = 0.693115234375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
const SQRT_HALF_BITS = 0x3f3504f3;
// (log(1 + r) − r + r²/2) / r³ for 1 + r = m: a weighted minimax fit, error 7e-10 of log(1 + r).
const LOG = [
  0.3333331346511841, -0.25000008940696716, 0.2000211775302887, -0.16668038070201874,
  0.1421959400177002, -0.12405066192150116, 0.11887425184249878, -0.11677657067775726,
  0.06750043481588364,
];

/** x = m·2ᵉ for normal x > 0; `step` is e in the exponent's bits. */
const split = (w: LaneWriter, x: Local): { readonly step: Local; readonly m: Expr } => {
  const above = w.op("i32x4.sub", x, w.i32(SQRT_HALF_BITS));
  const step = w.keep(w.op("v128.and", above, w.i32(0xff800000 | 0)));
  return { step, m: w.op("i32x4.sub", x, step) };
};

/** log(1 + r) + e·ln 2. */
const combine = (w: LaneWriter, r: Local, e: Local): Expr => {
  const square = w.keep(w.op("f32x4.mul", r, r));
  const cubic = w.op("f32x4.mul", w.op("f32x4.mul", r, square), w.polynomial(r, LOG));
  const tail = w.madd(e, w.f32(LN2_LOW), w.nmadd(square, w.f32(0.5), cubic));
  return w.madd(e, w.f32(LN2_HIGH), w.op("f32x4.add", r, tail));
};

const exponentOf = (w: LaneWriter, step: Local): Expr =>
  w.op("f32x4.convert_i32x4_s", w.shift("i32x4.shr_s", step, 23));

/** `y` = log(x) where x is positive and finite; ∞ of ∞, −∞ of 0, NaN below 0 and of NaN. */
const limits = (w: LaneWriter, y: Expr, x: Local): Expr => {
  const upper = w.select(w.op("f32x4.lt", x, w.f32(Number.POSITIVE_INFINITY)), y, x);
  const lower = w.select(
    w.op("f32x4.eq", x, w.f32(0)),
    w.f32(Number.NEGATIVE_INFINITY),
    w.f32(Number.NaN),
  );
  return w.select(w.op("f32x4.le", x, w.f32(0)), lower, upper);
};

/** log(x), also of denormal x. */
export const log = (w: LaneWriter, x: Local): Expr => {
  const denormal = w.keep(w.op("f32x4.lt", x, w.f32(2 ** -126)));
  const normal = w.keep(w.select(denormal, w.op("f32x4.mul", x, w.f32(2 ** 23)), x));
  const { step, m } = split(w, normal);
  const r = w.keep(w.op("f32x4.sub", m, w.f32(1)));
  const shifted = w.op("v128.and", denormal, w.f32(23));
  const e = w.keep(w.op("f32x4.sub", exponentOf(w, step), shifted));
  return limits(w, combine(w, r, e), x);
};

/** log(1 + x): what rounding takes from u = 1 + x is added to the mantissa. */
export const logPlusOne = (w: LaneWriter, x: Local): Expr => {
  const u = w.keep(w.op("f32x4.add", x, w.f32(1)));
  const lost = w.op("f32x4.sub", x, w.op("f32x4.sub", u, w.f32(1)));
  const { step, m } = split(w, u);
  // 2⁻ᵉ; where that has no normal exponent `lost` does not matter.
  const inverse = w.op("i32x4.max_s", w.op("i32x4.sub", w.i32(BITS.one), step), w.i32(0));
  const correction = w.op("f32x4.mul", lost, inverse);
  const r = w.keep(w.op("f32x4.add", w.op("f32x4.sub", m, w.f32(1)), correction));
  const e = w.keep(exponentOf(w, step));
  return w.withSignOf(limits(w, combine(w, r, e), u), x);
};
