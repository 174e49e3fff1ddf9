import type { Builder } from "../../ir/builder.ts";
import { isFloat } from "../../ir/shape.ts";
import type { UnaryOp, Value } from "../../ir/types.ts";
import type { Family, Lowering } from "./lowering.ts";
import { arithmetic, float } from "./operands.ts";

/** Elementwise kernels of one operand. */
export type UnaryKernel =
  | "Abs"
  | "Acos"
  | "Acosh"
  | "Asin"
  | "Asinh"
  | "Atan"
  | "Atanh"
  | "Cast"
  | "Ceil"
  | "ClipByValue"
  | "Cos"
  | "Cosh"
  | "Erf"
  | "Exp"
  | "Expm1"
  | "Floor"
  | "Identity"
  | "Log"
  | "Log1p"
  | "Neg"
  | "Reciprocal"
  | "Round"
  | "Rsqrt"
  | "Sigmoid"
  | "Sign"
  | "Sin"
  | "Sinh"
  | "Sqrt"
  | "Square"
  | "Step"
  | "Tan"
  | "Tanh";

/** Emits an elementwise function of one value. */
export type Elementwise = (b: Builder, x: Value) => Value;

/** Applies `f` to numbers and keeps the dtype, bool included, as most of tfjs's kernels do. */
export const keepingType =
  (f: Elementwise): Lowering =>
  (call) => {
    const x = call.signedInput("x");
    return call.b.convert(f(call.b, arithmetic(call.b, x)), x.type.dtype);
  };

/** Applies `f` to floats; an integer operand is converted and its result truncated again. */
export const throughFloat = (f: Elementwise): Lowering =>
  keepingType((b, x) =>
    isFloat(x.type.dtype) ? f(b, x) : b.convert(f(b, float(b, x)), x.type.dtype),
  );

/** Applies `f` to floats; the result is a float whatever the operand was. */
export const toFloat =
  (f: Elementwise): Lowering =>
  (call) =>
    f(call.b, float(call.b, call.input("x")));

const op = (name: UnaryOp): Lowering => throughFloat((b, x) => b.map(name, x));

// Integers are whole already.
const rounding = (name: "ceil" | "floor" | "round_nearest_even"): Lowering =>
  keepingType((b, x) => (isFloat(x.type.dtype) ? b.map(name, x) : x));

/** Lowerings of elementwise kernels of one operand. */
export const unary: Family<UnaryKernel> = {
  Abs: keepingType((b, x) => b.map("abs", x)),
  Acos: op("acos"),
  Acosh: op("acosh"),
  Asin: op("asin"),
  Asinh: op("asinh"),
  Atan: op("atan"),
  Atanh: op("atanh"),
  Cast: (call) => {
    const x = call.signedInput("x");
    return call.b.convert(x, call.dtype("dtype", x.type.dtype));
  },
  Ceil: rounding("ceil"),
  // Selects and not `clamp`: tfjs passes the gradient on at the limits themselves.
  ClipByValue: (call) => {
    const [low, high] = [call.number("clipValueMin"), call.number("clipValueMax")];
    return keepingType((b, x) => {
      const [min, max] = [b.fill(x.type, low), b.fill(x.type, high)];
      const raised = b.select(b.compare(x, "LT", min), min, x);
      return b.select(b.compare(x, "GT", max), max, raised);
    })(call);
  },
  Cos: op("cosine"),
  Cosh: op("cosh"),
  Erf: toFloat((b, x) => b.map("erf", x)),
  Exp: toFloat((b, x) => b.map("exponential", x)),
  Expm1: op("exponential_minus_one"),
  Floor: rounding("floor"),
  Identity: (call) => call.input("x"),
  Log: op("log"),
  Log1p: op("log_plus_one"),
  Neg: keepingType((b, x) => b.neg(x)),
  Reciprocal: throughFloat((b, x) => b.div(b.fill(x.type, 1), x)),
  Round: rounding("round_nearest_even"),
  Rsqrt: op("rsqrt"),
  Sigmoid: op("logistic"),
  // tfjs's sign of NaN is 0.
  Sign: keepingType((b, x) => {
    const sign = b.map("sign", x);
    return isFloat(x.type.dtype) ? b.select(b.compare(x, "EQ", x), sign, b.zeros(x.type)) : sign;
  }),
  Sin: op("sine"),
  Sinh: op("sinh"),
  Sqrt: op("sqrt"),
  Square: keepingType((b, x) => b.mul(x, x)),
  // NaN fails both comparisons and stays NaN.
  Step: (call) => {
    const alpha = call.number("alpha", 0);
    return keepingType((b, x) => {
      const zero = b.zeros(x.type);
      const rest = b.select(
        b.compare(x, "LE", zero),
        b.fill(x.type, alpha),
        b.map("stop_gradient", x),
      );
      return b.select(b.compare(x, "GT", zero), b.fill(x.type, 1), rest);
    })(call);
  },
  Tan: op("tan"),
  Tanh: op("tanh"),
};
