import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { labelClasses } from "../losses/labels.ts";

/** Options of {@link expectedCalibrationError}. */
export interface CalibrationOptions {
  /** The number of bins of equal width. Default 15. */
  readonly bins?: number | undefined;
}

/**
 * The expected calibration error: Σ |B| / n · |accuracy(B) − confidence(B)| over bins B of the largest
 * probability.
 *
 * Bins are (i / bins, (i + 1) / bins]. Takes probabilities, not logits; labels as in
 * {@link softmaxCrossEntropy}. Reference: Guo et al., 2017, https://arxiv.org/abs/1706.04599.
 *
 * @example
 * ```ts
 * import { expectedCalibrationError } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const probabilities = tf.tensor2d([[0.75, 0.25], [0.75, 0.25]]);
 * const error = expectedCalibrationError(probabilities, tf.tensor1d([0, 1], "int32"));
 * if (error.dataSync()[0] !== 0.25) throw new Error(String(error));
 * ```
 */
export function expectedCalibrationError(
  probabilities: Tensor,
  labels: Tensor,
  { bins = 15 }: CalibrationOptions = {},
): Scalar {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new Error(`expectedCalibrationError: expected a positive number of bins, got ${bins}`);
  }
  return tf.tidy(() => {
    const wanted = labelClasses("expectedCalibrationError", labels, probabilities);
    const right = tf.cast(tf.equal(tf.argMax(probabilities, -1), wanted), "float32");
    const confidence = tf.max(probabilities, -1);
    const above = tf.sub(tf.ceil(tf.mul(confidence, bins)), 1);
    const bin = tf.reshape(tf.clipByValue(above, 0, bins - 1), [-1, 1]);
    // Not oneHot, which refuses a single bin.
    const members = tf.cast(tf.equal(bin, tf.range(0, bins)), "float32");
    const excess = tf.reshape(tf.sub(right, confidence), [1, -1]);
    const sums = tf.matMul(excess, members);
    return tf.div(tf.sum<Scalar>(tf.abs(sums)), right.size);
  });
}
