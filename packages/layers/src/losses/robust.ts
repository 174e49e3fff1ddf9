import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { checkPositive } from "../activations/arithmetic.ts";
import { logCosh } from "../activations/softplus.ts";
import { batchMean, sameShape } from "./reduce.ts";

/**
 * Absolute error: Σ |y − t|, summed over features, mean over the batch; derivative 0 where y = t.
 *
 * @example
 * ```ts
 * import { absoluteError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = absoluteError(tf.tensor2d([[1, -2], [0, 0]]), tf.zeros([2, 2]));
 * if (loss.dataSync()[0] !== 1.5) throw new Error(String(loss));
 * ```
 */
export function absoluteError(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("absoluteError", predictions, targets);
  return tf.tidy(() => batchMean(tf.abs(tf.sub(predictions, targets))));
}

/**
 * Mean absolute error: |y − t|, mean over features and batch, as PyTorch and Keras have it.
 *
 * @example
 * ```ts
 * import { meanAbsoluteError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = meanAbsoluteError(tf.tensor2d([[1, -2], [0, 0]]), tf.zeros([2, 2]));
 * if (loss.dataSync()[0] !== 0.75) throw new Error(String(loss));
 * ```
 */
export function meanAbsoluteError(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("meanAbsoluteError", predictions, targets);
  return tf.tidy(() => tf.mean<Scalar>(tf.abs(tf.sub(predictions, targets))));
}

/** Options of {@link huber}. */
export interface HuberOptions {
  /** Where the parabola becomes a line. Default 1. */
  readonly delta?: number | undefined;
}

/**
 * Huber's loss of r = y − t: ½ r² for |r| ≤ δ, otherwise δ (|r| − δ / 2), summed over features, mean
 * over the batch.
 *
 * PyTorch's `HuberLoss` and Keras's `Huber` average over features too; PyTorch's `SmoothL1Loss` with
 * `beta` = δ is this divided by δ. Reference: Huber, 1964, https://doi.org/10.1214/aoms/1177703732.
 *
 * @example
 * ```ts
 * import { huber } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = huber(tf.tensor2d([[1, -3]]), tf.zeros([1, 2]));
 * if (loss.dataSync()[0] !== 3) throw new Error(String(loss));
 * ```
 */
export function huber(
  predictions: Tensor,
  targets: Tensor,
  { delta = 1 }: HuberOptions = {},
): Scalar {
  sameShape("huber", predictions, targets);
  checkPositive("huber", "delta", delta);
  return tf.tidy(() => {
    const rest = tf.sub(predictions, targets);
    const size = tf.abs(rest);
    const line = tf.mul(tf.sub(size, constant(delta / 2)), constant(delta));
    const parabola = tf.mul(tf.square(rest), 0.5);
    return batchMean(tf.where(tf.lessEqual(size, constant(delta)), parabola, line));
  });
}

/**
 * Log-cosh error: Σ ln cosh(y − t), summed over features, mean over the batch.
 *
 * Near ½ r² for small and |r| − ln 2 for large residuals. Keras's `LogCosh` averages over features.
 *
 * @example
 * ```ts
 * import { logCoshError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = logCoshError(tf.tensor2d([[1000]]), tf.zeros([1, 1]));
 * if (Math.abs((loss.dataSync()[0] ?? 0) - (1000 - Math.LN2)) > 1e-3) throw new Error(String(loss));
 * ```
 */
export function logCoshError(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("logCoshError", predictions, targets);
  return tf.tidy(() => batchMean(logCosh(tf.sub(predictions, targets))));
}
