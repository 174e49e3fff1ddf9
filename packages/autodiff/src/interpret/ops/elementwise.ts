import { isFloat } from "../../ir/shape.ts";
import type { BinaryOp, UnaryOp } from "../../ir/types.ts";
import { lifted, mapAligned } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { type Lower, single } from "../lower.ts";
import type { Val } from "../ref.ts";
import { add, combine, compare, extreme, mul, not, num, select, sub, unary } from "./arithmetic.ts";
import { erfInv } from "./erf-inv.ts";

type UnaryRule = (e: Emitter, x: Val) => Val;
type BinaryRule = (e: Emitter, a: Val, b: Val) => Val;

const kernel =
  (name: string): UnaryRule =>
  (e, x) =>
    unary(e, name, x);

// The kernels for integers pass through floats, which lose the low bits.
const negate: UnaryRule = (e, x) =>
  isFloat(x.dtype) ? unary(e, "Neg", x) : sub(e, num(e, x, 0), x);

const unaryRules: { readonly [K in UnaryOp]: UnaryRule } = {
  abs: (e, x) => {
    if (x.dtype === "u32") return x;
    return isFloat(x.dtype) ? unary(e, "Abs", x) : extreme(e, "maximum", x, negate(e, x));
  },
  negate: (e, x) => negate(e, x),
  sign: (e, x) => {
    if (x.dtype === "u32") return extreme(e, "minimum", x, num(e, x, 1));
    const sign = unary(e, "Sign", x);
    // The kernels give 0 for NaN.
    return isFloat(x.dtype) ? select(e, compare(e, "NE", x, x), x, sign) : sign;
  },
  ceil: kernel("Ceil"),
  floor: kernel("Floor"),
  round_nearest_even: kernel("Round"),
  exponential: kernel("Exp"),
  exponential_minus_one: kernel("Expm1"),
  log: kernel("Log"),
  log_plus_one: kernel("Log1p"),
  sqrt: kernel("Sqrt"),
  rsqrt: kernel("Rsqrt"),
  sine: kernel("Sin"),
  cosine: kernel("Cos"),
  tan: kernel("Tan"),
  asin: kernel("Asin"),
  acos: kernel("Acos"),
  atan: kernel("Atan"),
  sinh: kernel("Sinh"),
  cosh: kernel("Cosh"),
  tanh: kernel("Tanh"),
  asinh: kernel("Asinh"),
  acosh: kernel("Acosh"),
  atanh: kernel("Atanh"),
  logistic: kernel("Sigmoid"),
  erf: kernel("Erf"),
  erf_inv: erfInv,
  // ~x = −1 − x in two's complement.
  not: (e, x) => (x.dtype === "bool" ? not(e, x) : sub(e, num(e, x, -1), x)),
  stop_gradient: (_, x) => x,
};

const magnitude: UnaryRule = (e, x) => unaryRules.abs(e, x);

const truncatedDivide = (e: Emitter, a: Val, b: Val): Val => {
  const quotient = combine(e, "FloorDiv", magnitude(e, a), magnitude(e, b));
  return mul(e, quotient, mul(e, unary(e, "Sign", a), unary(e, "Sign", b)));
};

const integerBinary = (e: Emitter, op: "divide" | "remainder", a: Val, b: Val): Val => {
  const name = a.dtype === "u32" ? "LayerwiseUint32Binary" : "LayerwiseInt32Binary";
  if (e.has(name)) {
    const inputs = { a: a.ref, b: b.ref };
    return lifted(a.shape, a.dtype, mapAligned(e, name, inputs, { op }, "int32"));
  }
  if (a.dtype === "u32") return onHost(e, op, [a, b], {}, [a])[0]!;
  const quotient = truncatedDivide(e, a, b);
  return op === "divide" ? quotient : sub(e, a, mul(e, quotient, b));
};

const remainder: BinaryRule = (e, a, b) => {
  if (!isFloat(a.dtype)) return integerBinary(e, "remainder", a, b);
  // tfjs's Mod takes the sign of the divisor, ours that of the dividend.
  const size = combine(e, "Mod", magnitude(e, a), magnitude(e, b));
  return select(e, compare(e, "LT", a, num(e, a, 0)), unary(e, "Neg", size), size);
};

const power: BinaryRule = (e, a, b) => {
  if (!isFloat(a.dtype)) return onHost(e, "power", [a, b], {}, [a])[0]!;
  return b.splat === 2 ? unary(e, "Square", a) : combine(e, "Pow", a, b);
};

const logical =
  (op: "and" | "or" | "xor", boolKernel: string): BinaryRule =>
  (e, a, b) =>
    a.dtype === "bool" ? combine(e, boolKernel, a, b) : bitwise(op)(e, a, b);

const bitwise =
  (op: BinaryOp): BinaryRule =>
  (e, a, b) => {
    if (!e.has("LayerwiseBitwise")) return onHost(e, op, [a, b], {}, [a])[0]!;
    const inputs = { a: a.ref, b: b.ref };
    return lifted(a.shape, a.dtype, mapAligned(e, "LayerwiseBitwise", inputs, { op }, "int32"));
  };

const binaryRules: { readonly [K in BinaryOp]: BinaryRule } = {
  add,
  subtract: sub,
  multiply: mul,
  divide: (e, a, b) =>
    isFloat(a.dtype) ? combine(e, "RealDiv", a, b) : integerBinary(e, "divide", a, b),
  remainder,
  power,
  maximum: (e, a, b) => extreme(e, "maximum", a, b),
  minimum: (e, a, b) => extreme(e, "minimum", a, b),
  atan2: (e, a, b) => combine(e, "Atan2", a, b),
  and: logical("and", "LogicalAnd"),
  or: logical("or", "LogicalOr"),
  xor: logical("xor", "NotEqual"),
  shift_left: bitwise("shift_left"),
  shift_right_logical: bitwise("shift_right_logical"),
  shift_right_arithmetic: bitwise("shift_right_arithmetic"),
};

const mapRules = <K extends string, R>(
  rules: { readonly [P in K]: R },
  wrap: (rule: R) => unknown,
): unknown => Object.fromEntries(Object.entries<R>(rules).map(([op, rule]) => [op, wrap(rule)]));

/** Lowering of elementwise operations of one and two operands. */
export const elementwise: { readonly [K in UnaryOp | BinaryOp]: Lower<K> } = {
  ...(mapRules(unaryRules, (rule) => single((e, [x]) => rule(e, x!))) as {
    readonly [K in UnaryOp]: Lower<K>;
  }),
  ...(mapRules(binaryRules, (rule) => single((e, [a, b]) => rule(e, a!, b!))) as {
    readonly [K in BinaryOp]: Lower<K>;
  }),
};
