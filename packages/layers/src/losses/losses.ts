import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { showShape } from "../core/layer-error.ts";

// One convention for all losses: sum over features, mean over the batch (the first axis).

/**
 * Cross-entropy between labels and the softmax of logits, from the logits: −Σ t ln softmax(x),
 * mean over all but the last axis.
 *
 * `labels` are class numbers (int32, shape of the logits without the last axis) or one row of
 * probabilities per example (shape of the logits). Stable for any finite logits.
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
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Scalar {
  return tf.tidy(() => {
    const targets = oneHotLike("softmaxCrossEntropy", labels, logits);
    return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));
  });
}

/**
 * Cross-entropy between targets in [0, 1] and the sigmoid of logits, from the logits:
 * −Σ t ln σ(x) + (1 − t) ln (1 − σ(x)), summed over features, mean over the batch.
 *
 * The reconstruction loss of Bernoulli data. Stable for any finite logits.
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
export function sigmoidBinaryCrossEntropy(logits: Tensor, targets: Tensor): Scalar {
  sameShape("sigmoidBinaryCrossEntropy", logits, targets);
  // softplus(x) − t x: the usual max(x, 0) − t x + ln(1 + e^−|x|) has a wrong derivative at x = 0.
  return tf.tidy(() => batchMean(tf.sub(tf.softplus(logits), tf.mul(targets, logits))));
}

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
    const wanted = tf.argMax(oneHotLike("accuracy", labels, logits), -1);
    return tf.mean<Scalar>(tf.cast(tf.equal(tf.argMax(logits, -1), wanted), "float32"));
  });
}

/** The fraction of examples classified wrongly: 1 − {@link accuracy}. */
export function errorRate(logits: Tensor, labels: Tensor): Scalar {
  return tf.tidy(() => tf.sub(1, accuracy(logits, labels)));
}

function batchMean(perFeature: Tensor): Scalar {
  return tf.div(tf.sum<Scalar>(perFeature), perFeature.shape[0] ?? 1);
}

function oneHotLike(name: string, labels: Tensor, logits: Tensor): Tensor {
  if (labels.rank === logits.rank) {
    sameShape(name, logits, labels);
    return labels;
  }
  const wanted = logits.shape.slice(0, -1);
  if (labels.dtype !== "int32" || showShape(labels.shape) !== showShape(wanted)) {
    const [classes, rows] = [`int32 ${showShape(wanted)}`, showShape(logits.shape)];
    const got = `${labels.dtype} ${showShape(labels.shape)}`;
    throw new Error(`${name}: expected labels ${classes} or probabilities ${rows}, got ${got}`);
  }
  return tf.oneHot(labels, logits.shape.at(-1) ?? 1);
}

function sameShape(name: string, given: Tensor, targets: Tensor): void {
  if (showShape(given.shape) === showShape(targets.shape)) return;
  const [want, got] = [showShape(given.shape), showShape(targets.shape)];
  throw new Error(`${name}: expected targets of shape ${want}, got ${got}`);
}
