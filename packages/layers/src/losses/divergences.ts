import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { batchMean, sameShape } from "./reduce.ts";

/**
 * The Kullback–Leibler divergence of targets from the softmax of logits, KL(t ‖ softmax(x)):
 * Σ t (ln t − ln softmax(x)) over the last axis, mean over all others.
 *
 * It is the cross-entropy minus the entropy of the targets: 0 where they agree. 0 ln 0 counts as 0.
 * PyTorch: `kl_div(log_softmax(x), t, reduction="batchmean")`.
 *
 * @example
 * ```ts
 * import { klDivergence } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = klDivergence(tf.zeros([1, 2]), tf.tensor2d([[1, 0]]));
 * if (Math.abs((loss.dataSync()[0] ?? 0) - Math.LN2) > 1e-6) throw new Error(String(loss));
 * ```
 */
export function klDivergence(logits: Tensor, targets: Tensor): Scalar {
  sameShape("klDivergence", logits, targets);
  return tf.tidy(() => {
    const none = tf.lessEqual(targets, 0);
    const logarithm = tf.log(tf.where(none, tf.onesLike(targets), targets));
    const terms = tf.mul(targets, tf.sub(logarithm, tf.logSoftmax(logits)));
    return tf.mean<Scalar>(tf.sum(terms, -1));
  });
}

/** Normal distributions with independent components. */
export interface DiagonalGaussian {
  /** The means. */
  readonly mean: Tensor;
  /** The logarithms of the variances, in the shape of `mean`. */
  readonly logVariance: Tensor;
}

/**
 * The Kullback–Leibler divergence of independent normal distributions q from p, KL(q ‖ p):
 * ½ Σ e^d − d − 1 + (μ_q − μ_p)² / σ_p² with d = ln σ_q² − ln σ_p², summed over features, mean over the
 * batch.
 *
 * p is N(0, 1) by default: the penalty of variational autoencoders. Reference: Kingma and Welling,
 * 2014, https://arxiv.org/abs/1312.6114.
 *
 * @example
 * ```ts
 * import { gaussianKL } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const kl = gaussianKL({ mean: tf.ones([3, 2]), logVariance: tf.zeros([3, 2]) });
 * if (kl.dataSync()[0] !== 1) throw new Error(String(kl));
 * ```
 */
export function gaussianKL(q: DiagonalGaussian, p?: DiagonalGaussian): Scalar {
  for (const other of [q.logVariance, ...(p === undefined ? [] : [p.mean, p.logVariance])]) {
    sameShape("gaussianKL", q.mean, other);
  }
  return tf.tidy(() => {
    const ratio = p === undefined ? q.logVariance : tf.sub(q.logVariance, p.logVariance);
    const shift = p === undefined ? q.mean : tf.sub(q.mean, p.mean);
    const square = tf.square(shift);
    const distance = p === undefined ? square : tf.mul(square, tf.exp(tf.neg(p.logVariance)));
    return tf.div(batchMean(tf.add(tf.sub(tf.expm1(ratio), ratio), distance)), 2);
  });
}
