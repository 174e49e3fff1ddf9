import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { labelClasses } from "../losses/labels.ts";

/**
 * The fraction of examples whose largest logit is the label's class.
 *
 * Labels as in {@link softmaxCrossEntropy}.
 *
 * @example
 * ```ts
 * import { accuracy } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const right = accuracy(tf.tensor2d([[1, 2], [4, 3]]), tf.tensor1d([1, 1], "int32"));
 * if (right.dataSync()[0] !== 0.5) throw new Error(String(right));
 * ```
 */
export function accuracy(logits: Tensor, labels: Tensor): Scalar {
  return tf.tidy(() => {
    const wanted = labelClasses("accuracy", labels, logits);
    return tf.mean<Scalar>(tf.cast(tf.equal(tf.argMax(logits, -1), wanted), "float32"));
  });
}

/**
 * The fraction of examples classified wrongly: 1 − {@link accuracy}.
 *
 * @example
 * ```ts
 * import { errorRate } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const wrong = errorRate(tf.tensor2d([[1, 2], [4, 3]]), tf.tensor1d([1, 1], "int32"));
 * if (wrong.dataSync()[0] !== 0.5) throw new Error(String(wrong));
 * ```
 */
export function errorRate(logits: Tensor, labels: Tensor): Scalar {
  return tf.tidy(() => tf.sub(1, accuracy(logits, labels)));
}

/**
 * The fraction of examples whose label is among the k largest logits.
 *
 * Labels as in {@link softmaxCrossEntropy}. Of equal logits the first count as larger, so that k = 1 is
 * {@link accuracy}; Keras counts all of them in.
 *
 * @example
 * ```ts
 * import { topKAccuracy } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const right = topKAccuracy(tf.tensor2d([[1, 2, 3]]), tf.tensor1d([1], "int32"), 2);
 * if (right.dataSync()[0] !== 1) throw new Error(String(right));
 * ```
 */
export function topKAccuracy(logits: Tensor, labels: Tensor, k: number): Scalar {
  const classes = logits.shape.at(-1) ?? 0;
  if (!Number.isInteger(k) || k < 1 || k > classes) {
    throw new Error(`topKAccuracy: expected a whole k from 1 to ${classes}, got ${k}`);
  }
  return tf.tidy(() => {
    const wanted = tf.expandDims(labelClasses("topKAccuracy", labels, logits), -1);
    const hits = tf.any(tf.equal(tf.topk(logits, k, true).indices, wanted), -1);
    return tf.mean<Scalar>(tf.cast(hits, "float32"));
  });
}
