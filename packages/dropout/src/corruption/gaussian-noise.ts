import { constant, random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul, tidy } from "@tensorflow/tfjs-core";
import { checkNonNegative } from "../core/check.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of the layer {@link gaussianNoise}. */
export interface GaussianNoiseOptions {
  /** The standard deviation of the noise. */
  readonly stddev: number;
}

/**
 * Gaussian noise: x + stddev · ε with ε ~ N(0, 1), independent for each value.
 *
 * A layer, random in training only, or a function.
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
export function gaussianNoise(options: GaussianNoiseOptions): StochasticLayer;
export function gaussianNoise<T extends Tensor>(key: Tensor, x: T, stddev: number): T;
export function gaussianNoise(
  ...args: [options: GaussianNoiseOptions] | [key: Tensor, x: Tensor, stddev: number]
): StochasticLayer | Tensor {
  const stddev = args.length === 1 ? args[0].stddev : args[2];
  checkNonNegative("gaussianNoise", "stddev", stddev);
  const draw = (key: Tensor, x: Tensor): Tensor =>
    stddev === 0 ? clone(x) : tidy(() => addNoise(x, random.normal(key, x.shape), stddev));
  return args.length === 1 ? noiseLayer({ kind: "gaussianNoise", draw }) : draw(args[0], args[1]);
}

/** x + scale · eps. */
export function addNoise(x: Tensor, eps: Tensor, scale: number): Tensor {
  return tidy(() => add(x, mul(eps, constant(scale))));
}
