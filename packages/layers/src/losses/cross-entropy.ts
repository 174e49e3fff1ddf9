import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { blend, labelRows } from "./labels.ts";
import { batchMean, sameShape } from "./reduce.ts";

/** Options of cross-entropies. */
export interface CrossEntropyOptions {
  /** How much of each target goes to all classes alike, in [0, 1]. Default 0. */
  readonly labelSmoothing?: number | undefined;
}

/**
 * Cross-entropy between labels and the softmax of logits, from the logits: −Σ t ln softmax(x),
 * mean over all but the last axis.
 *
 * `labels` are class numbers (int32, shape of the logits without the last axis) or one row of
 * probabilities per example (shape of the logits). Stable for any finite logits. PyTorch's
 * `cross_entropy` and Keras's `CategoricalCrossentropy(from_logits=True)` give the same number.
 *
 * @example
 * ```ts
 * import { softmaxCrossEntropy } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = softmaxCrossEntropy(tf.zeros([2, 10]), tf.tensor1d([3, 7], "int32"));
 * if (Math.abs((loss.dataSync()[0] ?? 0) - Math.log(10)) > 1e-6) throw new Error(String(loss));
 * ```
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): Scalar {
  return tf.tidy(() => {
    const rows = labelRows("softmaxCrossEntropy", labels, logits);
    const classes = logits.shape.at(-1) ?? 1;
    const targets =
      labelSmoothing === 0 ? rows : blend("softmaxCrossEntropy", rows, labelSmoothing, classes);
    return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));
  });
}

/**
 * Cross-entropy between targets in [0, 1] and the sigmoid of logits, from the logits:
 * −Σ t ln σ(x) + (1 − t) ln (1 − σ(x)), summed over features, mean over the batch.
 *
 * The reconstruction loss of Bernoulli data. Stable for any finite logits. PyTorch's
 * `binary_cross_entropy_with_logits` and Keras average over features too: divide by their number.
 * Label smoothing is Keras's, (1 − ε) t + ε / 2.
 *
 * @example
 * ```ts
 * import { sigmoidBinaryCrossEntropy } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = sigmoidBinaryCrossEntropy(tf.zeros([2, 784]), tf.ones([2, 784]));
 * if (Math.abs((loss.dataSync()[0] ?? 0) / (784 * Math.LN2) - 1) > 1e-6) throw new Error("loss");
 * ```
 */
export function sigmoidBinaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): Scalar {
  sameShape("sigmoidBinaryCrossEntropy", logits, targets);
  return tf.tidy(() => {
    const t =
      labelSmoothing === 0
        ? targets
        : blend("sigmoidBinaryCrossEntropy", targets, labelSmoothing, 2);
    // softplus(x) − t x: the usual max(x, 0) − t x + ln(1 + e^−|x|) has a wrong derivative at x = 0.
    return batchMean(tf.sub(tf.softplus(logits), tf.mul(t, logits)));
  });
}

/**
 * Cross-entropy between targets and probabilities p, both in [0, 1]: −Σ t ln p + (1 − t) ln (1 − p),
 * summed over features, mean over the batch.
 *
 * Logarithms stop at −100, as in PyTorch; Keras keeps p in [1e-7, 1 − 1e-7] instead, and both average
 * over features. Where p is 0 or 1 and wrong the derivative is 0 and learning stands still: prefer
 * {@link sigmoidBinaryCrossEntropy} wherever there are logits.
 *
 * @example
 * ```ts
 * import { binaryCrossEntropy } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = binaryCrossEntropy(tf.tensor2d([[0, 0.5]]), tf.tensor2d([[1, 0]]));
 * if (Math.abs((loss.dataSync()[0] ?? 0) - (100 + Math.LN2)) > 1e-4) throw new Error(String(loss));
 * ```
 */
export function binaryCrossEntropy(probabilities: Tensor, targets: Tensor): Scalar {
  sameShape("binaryCrossEntropy", probabilities, targets);
  return tf.tidy(() => {
    const yes = tf.mul(targets, boundedLog(probabilities));
    const no = tf.mul(tf.sub(1, targets), boundedLog(tf.sub(1, probabilities)));
    return tf.neg(batchMean(tf.add(yes, no)));
  });
}

// The logarithm sees 1 where p is 0: its derivative there must not be infinite.
function boundedLog(p: Tensor): Tensor {
  const outside = tf.lessEqual(p, 0);
  const safe = tf.where(outside, tf.onesLike(p), p);
  return tf.where(outside, constant(-100), tf.maximum(tf.log(safe), -100));
}
