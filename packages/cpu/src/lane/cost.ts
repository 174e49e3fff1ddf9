import type { DType } from "@layerwise/autodiff/executor";
import type { LaneOp } from "./lane.ts";

const SIMPLE = 0.06;

// Nanoseconds per element on one core (AVX2 at 3.2 GHz, V8); operations that are missing take one
// instruction or two.
const FLOAT: Partial<Readonly<Record<LaneOp, number>>> = {
  exponential: 0.7,
  exponential_minus_one: 0.8,
  log: 1.2,
  log_plus_one: 1.9,
  sqrt: 0.3,
  rsqrt: 0.5,
  divide: 0.15,
  sine: 1.6,
  cosine: 1.6,
  tanh: 1.4,
  logistic: 1,
  erf: 1.7,
  erf_inv: 4,
  clamp: 0.3,
  tan: 6,
  asin: 5,
  acos: 5,
  atan: 5,
  sinh: 23,
  cosh: 23,
  asinh: 10,
  acosh: 10,
  atanh: 10,
  atan2: 16,
  power: 12,
  remainder: 2,
};

const INTEGER: Partial<Readonly<Record<LaneOp, number>>> = {
  divide: 0.6,
  remainder: 0.65,
  power: 4.5,
  atan2: 16,
  shift_left: 0.6,
  shift_right_logical: 0.6,
  shift_right_arithmetic: 0.6,
  threefry2x32: 4,
};

/** Estimated nanoseconds per element on one core. `dtype` is that of the operands. */
export const laneCost = (op: LaneOp, dtype: DType): number =>
  (dtype === "f32" || dtype === "f16" ? FLOAT : INTEGER)[op] ?? SIMPLE;
