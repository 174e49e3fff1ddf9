import type { Local } from "../wasm/locals.ts";
import type { Expr, LaneWriter } from "./writer.ts";

/** Two vectors of 32-bit integers in one: the low halves of both. */
const join = (w: LaneWriter, low: Expr, high: Expr): Expr => w.shuffle(low, high, 0, 1, 4, 5);

/**
 * The quotient, rounded toward zero, by doubles: they tell all quotients of 32-bit integers from
 * integers. All bits are set for y = 0; −2³¹ / −1 wraps.
 */
export const quotient = (w: LaneWriter, x: Local, y: Local, signed: boolean): Expr => {
  const [widen, narrow] = signed
    ? (["f64x2.convert_low_i32x4_s", "i32x4.trunc_sat_f64x2_s_zero"] as const)
    : (["f64x2.convert_low_i32x4_u", "i32x4.trunc_sat_f64x2_u_zero"] as const);
  const half = (a: Expr, b: Expr) =>
    w.op(narrow, w.op("f64x2.div", w.op(widen, a), w.op(widen, b)));
  const upper = (v: Local) => w.shuffle(v, v, 2, 3, 2, 3);
  const plain = join(w, half(x, y), half(upper(x), upper(y)));
  const divided = w.op("v128.or", plain, w.op("i32x4.eq", y, w.i32(0)));
  if (!signed) return divided;
  return w.select(w.op("i32x4.eq", y, w.i32(-1)), w.op("i32x4.neg", x), divided);
};

/** x − y·(x / y); x where y is 0. */
export const remainder = (w: LaneWriter, x: Local, y: Local, signed: boolean): Expr =>
  w.op("i32x4.sub", x, w.op("i32x4.mul", y, quotient(w, x, y, signed)));

/** xʸ by squaring, modulo 2³². Negative powers are 0 but of ±1. */
export const power = (w: LaneWriter, x: Local, y: Local, signed: boolean): Expr => {
  const { code } = w.lanes;
  const result = w.keep(w.i32(1));
  const base = w.keep(x);
  const rest = w.keep(y);
  code.block((done) => {
    code.loop((again) => {
      code.get(rest).op("v128.any_true").op("i32.eqz").brIf(done);
      const odd = w.shift("i32x4.shr_s", w.shift("i32x4.shl", rest, 31), 31);
      w.emit(w.select(odd, w.op("i32x4.mul", result, base), result));
      code.set(result);
      code.get(base).get(base).op("i32x4.mul").set(base);
      code.get(rest).i32(1).op("i32x4.shr_u").set(rest).br(again);
    });
  });
  if (!signed) return result;
  // The exponent was taken as unsigned, which keeps its lowest bit: right for ±1.
  const unit = w.op("i32x4.eq", w.op("i32x4.abs", x), w.i32(1));
  const whole = w.op("i32x4.ge_s", y, w.i32(0));
  return w.op("v128.and", result, w.op("v128.or", unit, whole));
};

type Shift = "i32x4.shl" | "i32x4.shr_u" | "i32x4.shr_s";

/** Shifts by an amount per lane: bit k of the amount shifts by 2ᵏ. */
export const shiftBy = (w: LaneWriter, name: Shift, x: Local, amount: Local): Expr => {
  const limited = name === "i32x4.shr_s" ? w.keep(w.op("i32x4.min_u", amount, w.i32(31))) : amount;
  let shifted = x;
  for (let k = 0; k < 5; k++) {
    const set = w.shift("i32x4.shr_s", w.shift("i32x4.shl", limited, 31 - k), 31);
    shifted = w.keep(w.select(set, w.shift(name, shifted, 2 ** k), shifted));
  }
  if (name === "i32x4.shr_s") return shifted;
  return w.op("v128.and", shifted, w.op("i32x4.le_u", amount, w.i32(31)));
};

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/** 20 rounds of Threefry-2x32 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */
export const threefry = (w: LaneWriter, operands: readonly Local[]): void => {
  const [key0, key1, in0, in1] = operands as readonly [Local, Local, Local, Local];
  const mixed = w.keep(w.op("v128.xor", w.op("v128.xor", key0, key1), w.i32(PARITY)));
  const keys = [key0, key1, mixed] as const;
  const x0 = w.keep(w.op("i32x4.add", in0, key0));
  const x1 = w.keep(w.op("i32x4.add", in1, key1));
  const set = (local: Local, value: Expr) => {
    w.emit(value);
    w.lanes.code.set(local);
  };
  for (let round = 0; round < 20; round++) {
    const turn = ROTATIONS[round % 8] as number;
    set(x0, w.op("i32x4.add", x0, x1));
    const left = w.shift("i32x4.shl", x1, turn);
    const turned = w.op("v128.or", left, w.shift("i32x4.shr_u", x1, 32 - turn));
    set(x1, w.op("v128.xor", turned, x0));
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    set(x0, w.op("i32x4.add", x0, keys[injection % 3] as Local));
    const key = w.op("i32x4.add", keys[(injection + 1) % 3] as Local, w.i32(injection));
    set(x1, w.op("i32x4.add", x1, key));
  }
  w.emit(x0, x1);
};
