import { random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "./check.ts";

/**
 * Masking noise: sets values to zero with probability `rate` and leaves the others as they are.
 *
 * The corruption of denoising autoencoders. Unlike {@link dropout} it does not rescale, so the
 * mean shrinks. Rates 0 and 1 are exact.
 *
 * Reference: Vincent et al., 2010, https://jmlr.org/papers/v11/vincent10a.html.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { maskingNoise } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const corrupted = maskingNoise(random.key(0), tf.fill([100], 7), 0.25);
 * if (![...corrupted.dataSync()].every((v) => v === 0 || v === 7)) throw new Error("rescaled");
 * ```
 */
export function maskingNoise<T extends Tensor>(key: Tensor, x: T, rate: number): T {
  checkRate("maskingNoise", rate);
  if (rate === 0) return clone(x);
  if (rate === 1) return zerosLike(x);
  return tidy(() => where(random.bernoulli(key, 1 - rate, x.shape), x, zerosLike(x)) as T);
}

/**
 * Gaussian noise: x + stddev · ε with ε ~ N(0, 1), independent for each value.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { gaussianNoise } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.zeros([2, 3]);
 * const noisy = gaussianNoise(random.key(0), x, 0.1);
 * if (String(noisy) !== String(gaussianNoise(random.key(0), x, 0.1))) throw new Error("key");
 * ```
 */
export function gaussianNoise<T extends Tensor>(key: Tensor, x: T, stddev: number): T {
  if (!(stddev >= 0 && stddev < Infinity)) {
    throw new Error(`gaussianNoise: expected a finite stddev of at least 0, got ${stddev}`);
  }
  return tidy(() => add<T>(x, mul(random.normal(key, x.shape), stddev)));
}
