import { isFloat } from "../ir/shape.ts";
import type { BinaryOp, Direction, DType, UnaryOp } from "../ir/types.ts";
import { erf, erfInv } from "./erf.ts";
import { roundNearestEven } from "./tensor.ts";

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;

// Neither branch overflows, and both keep the relative precision of small results.
const logistic = (x: number): number => {
  const small = Math.exp(-Math.abs(x));
  return x < 0 ? small / (1 + small) : 1 / (1 + small);
};

const UNARY: { readonly [K in UnaryOp]: Unary } = {
  abs: Math.abs,
  negate: (x) => -x,
  sign: Math.sign,
  ceil: Math.ceil,
  floor: Math.floor,
  round_nearest_even: roundNearestEven,
  exponential: Math.exp,
  exponential_minus_one: Math.expm1,
  log: Math.log,
  log_plus_one: Math.log1p,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sine: Math.sin,
  cosine: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  logistic,
  erf,
  erf_inv: erfInv,
  not: (x) => ~x,
  stop_gradient: (x) => x,
};

// IEEE 754 wants 1 where JavaScript says NaN: 1 to any power, and −1 to ±∞.
const power: Binary = (x, y) =>
  x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

const FLOAT: { readonly [K in BinaryOp]: Binary } = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  remainder: (x, y) => x % y,
  power,
  maximum: Math.max,
  minimum: Math.min,
  atan2: Math.atan2,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shift_left: (x, y) => (y >>> 0 > 31 ? 0 : x << y),
  shift_right_logical: (x, y) => (y >>> 0 > 31 ? 0 : x >>> y),
  shift_right_arithmetic: (x, y) => x >> (y >>> 0 > 31 ? 31 : y),
};

const integerPower: Binary = (x, y) => {
  if (y < 0) return x === 1 ? 1 : x === -1 ? 1 - 2 * (y & 1) : 0;
  let result = 1;
  for (let base = x; y > 0; y = Math.floor(y / 2)) {
    if (y % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
};

// Division by zero as XLA has it: all bits set, and the dividend as remainder. What leaves the
// range of 32 bits wraps when it is stored.
const INTEGER: { readonly [K in BinaryOp]: Binary } = {
  ...FLOAT,
  multiply: Math.imul,
  divide: (x, y) => (y === 0 ? -1 : Math.trunc(x / y)),
  remainder: (x, y) => (y === 0 ? x : x % y),
  power: integerPower,
};

const COMPARE: { readonly [K in Direction]: (x: number, y: number) => boolean } = {
  EQ: (x, y) => x === y,
  NE: (x, y) => x !== y,
  LT: (x, y) => x < y,
  LE: (x, y) => x <= y,
  GT: (x, y) => x > y,
  GE: (x, y) => x >= y,
};

/** The function of one number that an elementwise operation applies. */
export const unaryFunction = (op: UnaryOp, dtype: DType): Unary =>
  op === "not" && dtype === "bool" ? (x) => 1 - x : UNARY[op];

/** The function of two numbers that an elementwise operation, or a monoid, applies. */
export const binaryFunction = (op: BinaryOp, dtype: DType): Binary =>
  (isFloat(dtype) ? FLOAT : INTEGER)[op];

/** The comparison of two numbers; everything but NE is false of NaN. */
export const compareFunction = (direction: Direction): ((x: number, y: number) => boolean) =>
  COMPARE[direction];
