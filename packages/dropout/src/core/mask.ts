import { constant, random } from "@layerwise/autodiff";
import type { Shape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, div, fill, tidy, where, zeros, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "./check.ts";

/** Which values to keep: true with probability 1 − rate. */
export function drawMask(key: Tensor, shape: Shape, rate: number): Tensor {
  return random.bernoulli(key, 1 - rate, shape);
}

/** Keeps x / (1 − rate) where the mask is set, and zero elsewhere. */
export function applyMask<T extends Tensor>(x: T, mask: Tensor, rate: number): T {
  // A selection, not a product: a dropped infinity becomes 0, not NaN.
  return tidy(() => where(mask, div(x, constant(1 - rate)), zerosLike(x)) as T);
}

/** The shape of a mask that is the same along some axes. */
export function sharedShape(shape: Shape, axes: readonly number[]): Shape {
  const shared = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return shape.map((size, axis) => (shared.has(axis) ? 1 : size));
}

/** Dropout with one draw per value of `maskShape`, which broadcasts to x. */
export function drop<T extends Tensor>(
  key: Tensor,
  x: T,
  rate: number,
  maskShape: Shape = x.shape,
): T {
  if (rate === 0) return clone(x);
  // 1 / (1 − rate) does not exist; without it the gradient is zero, not NaN.
  if (rate === 1) return zerosLike(x);
  return tidy(() => applyMask(x, drawMask(key, maskShape, rate), rate));
}

/**
 * A dropout mask as factors: 0 with probability `rate`, 1 / (1 − rate) otherwise.
 *
 * For a mask that is used more than once, such as that of a recurrent state, which keeps the same
 * units at all time steps: draw it before the loop and multiply in each step.
 *
 * Reference: Gal and Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent
 * Neural Networks, 2016, https://arxiv.org/abs/1512.05287.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropoutMask } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const mask = dropoutMask(random.key(0), [2, 8], 0.5);
 * let state: tf.Tensor = tf.zeros([2, 8]);
 * for (let step = 0; step < 3; step++) state = tf.tanh(tf.add(tf.mul(state, mask), 1));
 * if (![...mask.dataSync()].every((v) => v === 0 || v === 2)) throw new Error(String(mask));
 * ```
 */
export function dropoutMask(key: Tensor, shape: Shape, rate: number): Tensor {
  checkRate("dropoutMask", rate);
  if (rate === 1) return zeros([...shape]);
  return tidy(() => drop(key, fill([...shape], 1), rate));
}
