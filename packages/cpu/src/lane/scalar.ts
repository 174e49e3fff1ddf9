import type { DType } from "@layerwise/autodiff/executor";
import type { MathFunction } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import type { Expr, LaneWriter } from "./writer.ts";

const LANES = [0, 1, 2, 3] as const;

/** Lane i of a vector as a double. */
const takeLane = (w: LaneWriter, x: Local, dtype: DType, i: number): Expr => {
  const { code } = w.lanes;
  return () => {
    code.get(x);
    if (dtype === "f32") code.lane("f32x4.extract_lane", i).op("f64.promote_f32");
    else {
      code.lane("i32x4.extract_lane", i);
      code.op(dtype === "u32" ? "f64.convert_i32_u" : "f64.convert_i32_s");
    }
  };
};

/** A function of doubles computed lane by lane; integer results are truncated toward zero. */
export const perLane = (
  w: LaneWriter,
  operands: readonly Local[],
  from: DType,
  to: DType,
  compute: (...lanes: readonly [Expr, Expr]) => Expr,
): Expr => {
  const { code } = w.lanes;
  return () => {
    const out = code.local("v128");
    for (const i of LANES) {
      const [x, y] = operands.map((operand) => takeLane(w, operand, from, i)) as [Expr, Expr];
      const value = compute(x, y);
      code.get(out);
      w.emit(value);
      if (to === "f32") code.op("f32.demote_f64").lane("f32x4.replace_lane", i);
      else code.op("i32.trunc_sat_f64_s").lane("i32x4.replace_lane", i);
      code.set(out);
    }
    code.get(out).release(out);
  };
};

/** A JavaScript function on the lanes. */
export const mathCall =
  (name: MathFunction) =>
  (w: LaneWriter, operands: readonly Local[], dtype: DType): Expr =>
    perLane(w, operands, dtype, dtype, (...lanes) =>
      w.call(name, ...lanes.slice(0, operands.length)),
    );

/** xʸ on floats. IEEE 754 wants 1 where JavaScript says NaN: 1 to any power, and −1 to ±∞. */
export const floatPower = (w: LaneWriter, x: Local, y: Local): Expr => {
  const plain = perLane(w, [x, y], "f32", "f32", (a, b) => w.call("pow", a, b));
  const infinite = w.op("f32x4.eq", w.abs(y), w.f32(Number.POSITIVE_INFINITY));
  const minusOne = w.op("v128.and", w.op("f32x4.eq", x, w.f32(-1)), infinite);
  const isOne = w.op("v128.or", w.op("f32x4.eq", x, w.f32(1)), minusOne);
  return w.select(isOne, w.f32(1), plain);
};

/**
 * a − b·⌊a / b⌋ for doubles a ≥ 0 and b > 0 that floats hold. As long as the quotient is large it
 * takes off the multiple of b·2ᵏ, whose quotient has some 24 bits: every product and difference is
 * exact. Leaves `a` as the result.
 */
const reduceModulo = (w: LaneWriter, a: Local, b: Local): void => {
  const { code } = w.lanes;
  const [q, step] = [code.local("f64"), code.local("f64")];
  code.block((done) => {
    code.loop((again) => {
      // `b` may be infinite, then the quotient is 0 or, of infinite `a`, NaN.
      code.get(a).get(b).op("f64.lt").brIf(done);
      code.get(a).get(b).op("f64.div").set(q);
      code.get(b).set(step);
      code
        .get(q)
        .f64(2 ** 26)
        .op("f64.ge");
      code.if(() => {
        // The power of two in the quotient, by its exponent.
        code.get(q).op("i64.reinterpret_f64").i64(0x7ff0000000000000n).op("i64.and");
        code
          .op("f64.reinterpret_i64")
          .f64(2 ** -24)
          .op("f64.mul");
        code.get(b).op("f64.mul").set(step);
        code.get(a).get(step).op("f64.div").set(q);
      });
      code.get(a).get(q).op("f64.trunc").get(step).op("f64.mul").op("f64.sub").tee(a);
      // The quotient may have been rounded up to an integer.
      code
        .f64(0)
        .op("f64.lt")
        .if(() => code.get(a).get(step).op("f64.add").set(a));
      code.br(again);
    });
  });
  code.release(q, step);
};

/** x − y·trunc(x / y) without error, with the sign of x. */
export const floatRemainder = (w: LaneWriter, x: Local, y: Local): Expr => {
  const { code } = w.lanes;
  return perLane(w, [x, y], "f32", "f32", (left, right) => () => {
    const [a, b] = [code.local("f64"), code.local("f64")];
    w.emit(left);
    code.op("f64.abs").set(a);
    w.emit(right);
    code.op("f64.abs").set(b);
    // NaN unless a < ∞ and b > 0.
    code.get(a).f64(Number.POSITIVE_INFINITY).op("f64.lt").get(b).f64(0).op("f64.gt");
    code.op("i32.and");
    code.if(
      () => reduceModulo(w, a, b),
      () => code.f64(Number.NaN).set(a),
    );
    code.get(a);
    w.emit(left);
    code.op("f64.copysign").release(a, b);
  });
};
