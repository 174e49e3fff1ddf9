import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The softmax over the last axis: e^xᵢ / Σ e^xⱼ.
 *
 * @example
 * ```ts
 * import { softmax } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = softmax(tf.tensor2d([[1000, 1000, -1000]]));
 * if (y.dataSync().join() !== "0.5,0.5,0") throw new Error(String(y));
 * ```
 */
export function softmax(x: Tensor): Tensor {
  return tf.softmax(x);
}

/**
 * The logarithm of {@link softmax} over the last axis: xᵢ − ln Σ e^xⱼ, without overflow.
 *
 * @example
 * ```ts
 * import { logSoftmax } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = logSoftmax(tf.tensor2d([[0, -1000]]));
 * if (y.dataSync().join() !== "0,-1000") throw new Error(String(y));
 * ```
 */
export function logSoftmax(x: Tensor): Tensor {
  return tf.logSoftmax(x);
}

/**
 * The softmax of −x over the last axis: the smallest element gets the largest share.
 *
 * @example
 * ```ts
 * import { softmin } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = softmin(tf.tensor2d([[1000, -1000]]));
 * if (y.dataSync().join() !== "0,1") throw new Error(String(y));
 * ```
 */
export function softmin(x: Tensor): Tensor {
  return tf.tidy(() => tf.softmax(tf.neg(x)));
}

/**
 * Sparsemax over the last axis: the closest point of the probability simplex, max(xᵢ − τ, 0) with τ
 * such that the sum is 1.
 *
 * Like {@link softmax}, but small elements become 0 exactly, and their derivatives too. Reference:
 * Martins and Astudillo, 2016, https://arxiv.org/abs/1602.02068.
 *
 * @example
 * ```ts
 * import { sparsemax } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = sparsemax(tf.tensor2d([[0.5, 0, -3]]));
 * if (y.dataSync().join() !== "0.75,0.25,0") throw new Error(String(y));
 * ```
 */
export function sparsemax(x: Tensor): Tensor {
  return tf.tidy(() => {
    const n = x.shape.at(-1) ?? 1;
    const shifted = tf.sub(x, tf.max(x, -1, true));
    const sorted = tf.topk(shifted, n, true).values;
    const rank = tf.range(1, n + 1);
    const held = tf.greater(tf.add(tf.mul(rank, sorted), 1), tf.cumsum(sorted, x.rank - 1));
    const count = tf.sum(tf.cast(held, "float32"), -1, true);
    const total = tf.sum(tf.where(held, sorted, tf.zerosLike(sorted)), -1, true);
    return tf.relu(tf.sub(shifted, tf.div(tf.sub(total, 1), count)));
  });
}
