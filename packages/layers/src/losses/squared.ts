import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { batchMean, sameShape } from "./reduce.ts";

/**
 * Squared error: Σ (y − t)², summed over features, mean over the batch. No factor ½.
 *
 * @example
 * ```ts
 * import { squaredError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = squaredError(tf.tensor2d([[1, 2], [0, 0]]), tf.zeros([2, 2]));
 * if (loss.dataSync()[0] !== 2.5) throw new Error(String(loss));
 * ```
 */
export function squaredError(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("squaredError", predictions, targets);
  return tf.tidy(() => batchMean(tf.square(tf.sub(predictions, targets))));
}

/**
 * Half the squared error: ½ Σ (y − t)², summed over features, mean over the batch.
 *
 * The form of lectures and papers: its derivative is y − t. optax's `l2_loss` is it without the sums.
 *
 * @example
 * ```ts
 * import { halfSquaredError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = halfSquaredError(tf.tensor2d([[1, 2], [0, 0]]), tf.zeros([2, 2]));
 * if (loss.dataSync()[0] !== 1.25) throw new Error(String(loss));
 * ```
 */
export function halfSquaredError(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("halfSquaredError", predictions, targets);
  return tf.tidy(() => tf.div(batchMean(tf.square(tf.sub(predictions, targets))), 2));
}

/**
 * Mean squared error: (y − t)², mean over features and batch, as PyTorch and Keras have it.
 *
 * @example
 * ```ts
 * import { meanSquaredError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = meanSquaredError(tf.tensor2d([[1, 2], [0, 0]]), tf.zeros([2, 2]));
 * if (loss.dataSync()[0] !== 1.25) throw new Error(String(loss));
 * ```
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("meanSquaredError", predictions, targets);
  return tf.tidy(() => tf.mean<Scalar>(tf.square(tf.sub(predictions, targets))));
}
