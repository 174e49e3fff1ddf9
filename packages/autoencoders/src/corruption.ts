import type { Key } from "@layerwise/autodiff";
import { gaussianNoise, maskingNoise } from "@layerwise/dropout";
import type { Tensor } from "@tensorflow/tfjs-core";

/** A random change of the input that a denoising autoencoder learns to undo. Keeps the shape. */
export type Corruption = (key: Key, x: Tensor) => Tensor;

/**
 * Sets each input to zero with probability `rate`, without rescaling the others
 * (Vincent et al. 2010, section 3.3, "masking noise"). Throws unless the rate is in [0, 1].
 *
 * @example
 * ```ts
 * import { denoisingAutoencoder, masking } from "@layerwise/autoencoders";
 *
 * const model = denoisingAutoencoder({ units: 300, corruption: masking(0.25) });
 * ```
 */
export function masking(rate: number): Corruption {
  if (!(rate >= 0 && rate <= 1)) {
    throw new Error(`masking: expected a rate in [0, 1], got ${rate}`);
  }
  return (key, x) => maskingNoise(key, x, rate);
}

/**
 * Adds normal noise of standard deviation `stddev` to each input.
 *
 * @example
 * ```ts
 * import { denoisingAutoencoder, gaussian } from "@layerwise/autoencoders";
 *
 * const model = denoisingAutoencoder({ units: 64, corruption: gaussian(0.3) });
 * ```
 */
export const gaussian =
  (stddev: number): Corruption =>
  (key, x) =>
    gaussianNoise(key, x, stddev);
