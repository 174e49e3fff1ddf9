import type { Local } from "../wasm/locals.ts";
import { perLane } from "./scalar.ts";
import { BITS, type Expr, type LaneWriter } from "./writer.ts";

// x = n·π/2 + r in doubles. The first part of π/2 has 33 bits, so that its product with n is exact
// below 2²⁰·π/2; beyond that, lanes are computed one by one.
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;
const BOUND = 2 ** 20;
// Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
const ROUNDER = 6755399441055744;
// (sin(√z)/√z − 1) / z and (cos(√z) − 1 + z/2) / z² on |√z| ≤ π/4: minimax fits, errors 5e-12 and 9e-11.
const SINE = [
  -0.1666666716337204, 0.008333329111337662, -0.00019839327433146536, 2.7182545636605937e-6,
];
const COSINE = [0.04166664555668831, -0.0013887371169403195, 2.4438961190753616e-5];

interface Half {
  readonly n: Local;
  readonly r: Expr;
}

/** Reduces lanes 0 and 1. */
const reduce = (w: LaneWriter, lanes: Expr): Half => {
  const x = w.keep(w.op("f64x2.promote_low_f32x4", lanes));
  const n = w.keep(w.op("f64x2.add", w.op("f64x2.mul", x, w.f64(2 / Math.PI)), w.f64(ROUNDER)));
  const whole = w.keep(w.op("f64x2.sub", n, w.f64(ROUNDER)));
  const high = w.op("f64x2.sub", x, w.op("f64x2.mul", whole, w.f64(HALF_PI_HIGH)));
  const r = w.op("f64x2.sub", high, w.op("f64x2.mul", whole, w.f64(HALF_PI_LOW)));
  return { n, r: w.op("f32x4.demote_f64x2_zero", r) };
};

/** sin(x + quarters·π/2). */
const wave = (w: LaneWriter, x: Local, quarters: 0 | 1): Local => {
  const low = reduce(w, x);
  const high = reduce(w, w.shuffle(x, x, 2, 3, 2, 3));
  const r = w.keep(w.shuffle(low.r, high.r, 0, 1, 4, 5));
  const count = w.shuffle(low.n, high.n, 0, 2, 4, 6);
  const n = w.keep(quarters === 0 ? count : w.op("i32x4.add", count, w.i32(1)));
  const square = w.keep(w.op("f32x4.mul", r, r));
  const sine = w.keep(w.madd(w.op("f32x4.mul", r, square), w.polynomial(square, SINE), r));
  const tail = w.op("f32x4.mul", w.op("f32x4.mul", square, square), w.polynomial(square, COSINE));
  const cosine = w.keep(w.op("f32x4.add", w.nmadd(square, w.f32(0.5), w.f32(1)), tail));
  const odd = w.shift("i32x4.shr_s", w.shift("i32x4.shl", n, 31), 31);
  const sign = w.op("v128.and", w.shift("i32x4.shl", n, 30), w.i32(BITS.sign));
  return w.keep(w.op("v128.xor", w.select(odd, cosine, sine), sign));
};

/** Replaces what is not below the bound, NaN included. */
const beyond = (w: LaneWriter, y: Local, x: Local, name: "sin" | "cos"): Expr => {
  const within = w.keep(w.op("f32x4.lt", w.abs(x), w.f32(BOUND)));
  w.emit(w.op("i32.eqz", w.op("i32x4.all_true", within)));
  w.lanes.code.if(() => {
    const exact = w.keep(perLane(w, [x], "f32", "f32", (lane) => w.call(name, lane)));
    w.emit(w.select(within, y, exact));
    w.lanes.code.set(y);
  });
  return y;
};

/** sin(x). */
export const sine = (w: LaneWriter, x: Local): Expr => {
  const y = wave(w, x, 0);
  // −0 comes out of the polynomial as +0.
  return w.select(w.op("f32x4.eq", x, w.f32(0)), x, beyond(w, y, x, "sin"));
};

/** cos(x). */
export const cosine = (w: LaneWriter, x: Local): Expr => beyond(w, wave(w, x, 1), x, "cos");
