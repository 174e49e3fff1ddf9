import { treeTidy } from "@layerwise/autodiff";
import { mean, mul, sqrt, square } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { clippingFactor } from "./clipping-factor.ts";

/**
 * Scales each tensor down when the root of its mean square exceeds a threshold:
 * u = g / max(1, RMS(g) / threshold).
 *
 * As Adafactor clips its updates; unlike a norm, independent of the tensor's size. optax's
 * `clip_by_block_rms`. Reference: Shazeer and Stern, 2018, https://arxiv.org/abs/1804.04235.
 *
 * @example
 * ```ts
 * import { chain, clipByBlockRms, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const stableAdam = chain(scaleByAdam(), clipByBlockRms(1), scaleByLearningRate(1e-3));
 * ```
 */
export function clipByBlockRms(threshold: Hyperparameter): GradientTransformation<EmptyState> {
  checkRange("clipByBlockRms: threshold", threshold, Number.MIN_VALUE);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const limit = tensorOf(threshold);
        const updates = mapTensors(
          (g) => mul(g, clippingFactor(sqrt(mean(square(g))), limit, 0)),
          grads,
        );
        return { updates, state };
      }),
  };
}
