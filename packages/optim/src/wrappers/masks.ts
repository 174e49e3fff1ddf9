import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Marks the parameters that weight decay usually spares: scalars and vectors (scales, shifts) and all
 * whose name ends in "bias", or in "bias_1" as tfjs names the variables of a second model. timm's rule.
 *
 * @example
 * ```ts
 * import { noDecayMask } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (noDecayMask("dense.kernel", tf.zeros([2, 3]))) throw new Error("a matrix is decayed");
 * ```
 */
export function noDecayMask(path: string, leaf: Tensor): boolean {
  return leaf.rank <= 1 || /bias(_\d+)?$/i.test(path);
}

/**
 * Marks the parameters that weight decay usually acts on: those that {@link noDecayMask} does not.
 *
 * @example
 * ```ts
 * import { addDecayedWeights, decayMask, masked } from "@layerwise/optim";
 *
 * const decay = masked(addDecayedWeights(1e-2), decayMask);
 * ```
 */
export function decayMask(path: string, leaf: Tensor): boolean {
  return !noDecayMask(path, leaf);
}
