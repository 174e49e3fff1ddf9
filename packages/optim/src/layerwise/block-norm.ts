import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { maximum, mean, sqrt, square, sum, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";

/** max(‖x‖₂, least), over all elements. */
export function blockNorm(x: Tensor, least: Hyperparameter = 0): Scalar {
  return tidy(() => maximum<Scalar>(sqrt(sum(square(x))), tensorOf(least)));
}

/** max(√mean(x²), least), over all elements. */
export function blockRms(x: Tensor, least: Hyperparameter = 0): Scalar {
  return tidy(() => maximum<Scalar>(sqrt(mean(square(x))), tensorOf(least)));
}
