import type { Tensor } from "@tensorflow/tfjs-core";
import { sqrt, square, sum, tidy } from "@tensorflow/tfjs-core";

/** The Euclidean norms along some axes, which are kept with size 1. */
export function normAlong(x: Tensor, axes: readonly number[]): Tensor {
  return tidy(() => sqrt(sum(square(x), [...axes], true)));
}
