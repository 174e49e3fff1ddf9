import { grad } from "@layerwise/autodiff";
import { float64, float64Tensor, type HostTensor, hostLeaves, numbers } from "@layerwise/test";
import type * as tf from "@tensorflow/tfjs-core";

/** The largest difference, relative to the larger of 1 and the second list; NaN is infinitely far. */
export function distance(got: readonly number[], want: readonly number[]): number {
  if (got.length !== want.length) return Infinity;
  const scale = Math.max(1, ...want.map(Math.abs));
  const gaps = got.map((v, i) => Math.abs(v - (want[i] ?? Number.NaN)));
  return gaps.some(Number.isNaN) ? Infinity : Math.max(0, ...gaps) / scale;
}

/** A moved copy of a tensor. */
function shift(x: HostTensor, at: number, step: number): HostTensor {
  const values = Array.from(x.data as ArrayLike<number>, (v, i) => (i === at ? v + step : v));
  return float64Tensor(x.type.shape, values);
}

/**
 * How far the gradient of a scalar function is from central differences, both in float64, with one
 * step of Richardson's extrapolation. Only leaves with floats take part.
 */
export function gradientError<T>(loss: (tree: T) => tf.Tensor, tree: T): number {
  const value = float64(loss as (tree: T) => unknown, tree);
  const slope = float64((t: T) => grad(loss as never)(t as never), tree);
  const point = hostLeaves(tree);
  const at = (leaf: number, i: number, step: number): number =>
    numbers(value(point.map((x, n) => (n === leaf ? shift(x, i, step) : x))))[0] ?? Number.NaN;
  const difference = (leaf: number, i: number, h: number): number =>
    (at(leaf, i, h) - at(leaf, i, -h)) / (2 * h);
  const want = point.flatMap((x, leaf) =>
    Array.from({ length: x.data.length }, (_, i) => {
      const [coarse, fine] = [difference(leaf, i, 2e-3), difference(leaf, i, 1e-3)];
      return (4 * fine - coarse) / 3;
    }),
  );
  return distance(numbers(slope(point)), want);
}
