import { random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, tidy } from "@tensorflow/tfjs-core";
import { checkNonNegative } from "../core/check.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";
import { addNoise } from "./gaussian-noise.ts";

/** Options of the layer {@link uniformNoise}. */
export interface UniformNoiseOptions {
  /** The largest absolute value of the noise. */
  readonly limit: number;
}

/**
 * Uniform noise: x + limit · u with u ~ U(−1, 1), independent for each value; variance limit² / 3.
 *
 * A layer, random in training only, or a function. With limit 1/2 it is the stand-in for rounding
 * to whole numbers in learned compression.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { uniformNoise } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = uniformNoise(random.key(0), tf.zeros([100]), 0.5);
 * if (![...y.dataSync()].every((v) => Math.abs(v) <= 0.5)) throw new Error(String(y));
 * ```
 */
export function uniformNoise(options: UniformNoiseOptions): StochasticLayer;
export function uniformNoise<T extends Tensor>(key: Tensor, x: T, limit: number): T;
export function uniformNoise(
  ...args: [options: UniformNoiseOptions] | [key: Tensor, x: Tensor, limit: number]
): StochasticLayer | Tensor {
  const limit = args.length === 1 ? args[0].limit : args[2];
  checkNonNegative("uniformNoise", "limit", limit);
  const draw = (key: Tensor, x: Tensor): Tensor => {
    if (limit === 0) return clone(x);
    return tidy(() => addNoise(x, random.uniform(key, x.shape, { minval: -1 }), limit));
  };
  return args.length === 1 ? noiseLayer({ kind: "uniformNoise", draw }) : draw(args[0], args[1]);
}
