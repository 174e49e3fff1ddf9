// Functions of one float with bounds on their error, and oracles in double precision.
import { evaluateNode, type OpName, type UnaryOp } from "@layerwise/autodiff/executor";
import { vector } from "./support.ts";

/** Relative bound of the functions that are written as vector code. */
export const BOUNDS = {
  exponential: 2.5e-7,
  exponential_minus_one: 2.5e-7,
  log: 2.5e-7,
  log_plus_one: 2.5e-7,
  tanh: 2.5e-7,
  logistic: 2.5e-7,
  erf: 2.5e-7,
  erf_inv: 5e-7,
  sine: 2.5e-7,
  cosine: 2.5e-7,
  sqrt: 2.5e-7,
  rsqrt: 2.5e-7,
} as const satisfies Partial<Record<UnaryOp & OpName, number>>;

/** A function with a bound. */
export type Bounded = keyof typeof BOUNDS;

/** Values by the host, which uses `Math` on doubles. */
export const expected = (op: Bounded, x: Float32Array): ArrayLike<number> =>
  evaluateNode(op, [vector("f32", x)], {})[0]!.data;

const MAX = 2 ** 128 * (1 - 2 ** -25);

/**
 * Error in units of the bound's relative measure: half the spacing of denormal floats is taken off.
 * Zeros must have the right sign, infinities and NaN must agree.
 */
export const relativeError = (actual: number, wanted: number): number => {
  if (Object.is(actual, wanted)) return 0;
  if (Number.isNaN(wanted) || Number.isNaN(actual)) return Number.POSITIVE_INFINITY;
  if (wanted === 0 || !Number.isFinite(wanted)) return Number.POSITIVE_INFINITY;
  // Rounds to infinity, or nearly.
  if (!Number.isFinite(actual)) {
    return Math.sign(actual) * wanted > MAX * (1 - 2.5e-7) ? 0 : Number.POSITIVE_INFINITY;
  }
  if (actual === 0 && 1 / actual !== Math.sign(wanted) * Number.POSITIVE_INFINITY) {
    return Number.POSITIVE_INFINITY;
  }
  const error = Math.abs(actual - wanted);
  return Math.max(0, error - 2 ** -150) / Math.abs(wanted);
};
