import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "../core/check.ts";
import { drawMask } from "../core/mask.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of the layer {@link maskingNoise}. */
export interface MaskingNoiseOptions {
  /** The probability of setting a value to zero, in [0, 1]. */
  readonly rate: number;
}

/**
 * Masking noise: sets values to zero with probability `rate` and leaves the others as they are.
 *
 * The corruption of denoising autoencoders. Unlike {@link dropout} it does not rescale, so the
 * mean shrinks. Rates 0 and 1 are exact. A layer, random in training only, or a function.
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
export function maskingNoise(options: MaskingNoiseOptions): StochasticLayer;
export function maskingNoise<T extends Tensor>(key: Tensor, x: T, rate: number): T;
export function maskingNoise(
  ...args: [options: MaskingNoiseOptions] | [key: Tensor, x: Tensor, rate: number]
): StochasticLayer | Tensor {
  const rate = args.length === 1 ? args[0].rate : args[2];
  checkRate("maskingNoise", rate);
  const draw = (key: Tensor, x: Tensor): Tensor => {
    if (rate === 0) return clone(x);
    if (rate === 1) return zerosLike(x);
    return tidy(() => where(drawMask(key, x.shape, rate), x, zerosLike(x)));
  };
  return args.length === 1 ? noiseLayer({ kind: "maskingNoise", draw }) : draw(args[0], args[1]);
}
