import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { checkPositive } from "../activations/arithmetic.ts";
import { batchMean, sameShape } from "./reduce.ts";

/**
 * Hinge loss for targets −1 and 1: Σ max(1 − t y, 0), summed over features, mean over the batch.
 *
 * Keras averages over features too, and turns targets 0 into −1 itself.
 *
 * @example
 * ```ts
 * import { hinge } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = hinge(tf.tensor2d([[0.5], [2]]), tf.tensor2d([[-1], [1]]));
 * if (loss.dataSync()[0] !== 0.75) throw new Error(String(loss));
 * ```
 */
export function hinge(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("hinge", predictions, targets);
  return tf.tidy(() => batchMean(shortfall(predictions, targets)));
}

/**
 * Squared hinge loss for targets −1 and 1: Σ max(1 − t y, 0)², summed over features, mean over the
 * batch.
 *
 * @example
 * ```ts
 * import { squaredHinge } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = squaredHinge(tf.tensor2d([[0.5], [2]]), tf.tensor2d([[-1], [1]]));
 * if (loss.dataSync()[0] !== 1.125) throw new Error(String(loss));
 * ```
 */
export function squaredHinge(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("squaredHinge", predictions, targets);
  return tf.tidy(() => batchMean(tf.square(shortfall(predictions, targets))));
}

/** Options of {@link tripletLoss}. */
export interface TripletOptions {
  /** How much further away negatives should be. Default 1. */
  readonly margin?: number | undefined;
}

/**
 * Triplet loss: max(‖a − p‖ − ‖a − n‖ + margin, 0) over the last axis, mean over all others.
 *
 * Each component of a difference is shifted by 1e-6, as in PyTorch, so that equal points have a
 * derivative. Reference: Schroff et al., 2015, https://arxiv.org/abs/1503.03832 (with squares).
 *
 * @example
 * ```ts
 * import { tripletLoss } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [a, p, n] = [tf.zeros([1, 2]), tf.tensor2d([[3, 4]]), tf.tensor2d([[0, 2]])];
 * const [loss = 0] = tripletLoss(a, p, n).dataSync();
 * if (Math.abs(loss - 4) > 1e-4) throw new Error(String(loss));
 * ```
 */
export function tripletLoss(
  anchors: Tensor,
  positives: Tensor,
  negatives: Tensor,
  { margin = 1 }: TripletOptions = {},
): Scalar {
  sameShape("tripletLoss", anchors, positives);
  sameShape("tripletLoss", anchors, negatives);
  checkPositive("tripletLoss", "margin", margin);
  return tf.tidy(() => {
    const gap = tf.sub(distance(anchors, positives), distance(anchors, negatives));
    return tf.mean<Scalar>(tf.relu(tf.add(gap, constant(margin))));
  });
}

function shortfall(predictions: Tensor, targets: Tensor): Tensor {
  return tf.relu(tf.sub(1, tf.mul(targets, predictions)));
}

function distance(a: Tensor, b: Tensor): Tensor {
  return tf.sqrt(tf.sum(tf.square(tf.add(tf.sub(a, b), constant(1e-6))), -1));
}
