import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  greater,
  mean,
  mul,
  onesLike,
  rsqrt,
  sqrt,
  square,
  sub,
  sum,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";

/**
 * (x − μ) / √(σ² + ε) with the mean and the biased variance over some axes.
 *
 * Two passes: the variance is a mean of squares of differences, so it cannot be negative, and a
 * constant slice gives zeros.
 */
export function standardize(x: Tensor, axes: number[], eps: number): Tensor {
  const centered = center(x, axes);
  return divideByRoot(centered, mean(square(centered), axes, true), eps);
}

/**
 * x − μ over some axes.
 *
 * A float32 mean is off by a rounding error, which in a slice that is constant (or nearly, and far
 * from zero) is all there is, and would be divided by √ε. Taking the mean of the differences once more
 * removes it.
 */
export function center(x: Tensor, axes: number[]): Tensor {
  const differences = sub(x, mean(x, axes, true));
  return sub(differences, mean(differences, axes, true));
}

/** x / √(s + ε). */
export function divideByRoot(x: Tensor, squares: Tensor, eps: number): Tensor {
  return mul(x, rsqrt(add(squares, constant(eps))));
}

/** The root of numbers that are not negative, with derivative 0, not infinity, at 0. */
export function safeRoot(squares: Tensor): Tensor {
  const positive = greater(squares, 0);
  return where(positive, sqrt(where(positive, squares, onesLike(squares))), zerosLike(squares));
}

/** Euclidean norms over some axes, kept with size 1. */
export function normOver(x: Tensor, axes: number[]): Tensor {
  return safeRoot(sum(square(x), axes, true));
}
