import type { ScaleByAdamOptions, ScaleByAdamState } from "../adam/scale-by-adam.ts";
import { scaleByAdam } from "../adam/scale-by-adam.ts";
import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { Mask } from "../wrappers/masked.ts";
import { masked } from "../wrappers/masked.ts";
import { scaleByTrustRatio } from "./scale-by-trust-ratio.ts";

/** Options of {@link lamb}. */
export interface LambOptions extends ScaleByAdamOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Added to the root. Default 1e-6. */
  readonly eps?: Hyperparameter | undefined;
  /** The decay λ, inside the trust ratio. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
  /** Which parameters decay. Default: all. */
  readonly weightDecayMask?: Mask | undefined;
}

/**
 * LAMB: Adam's direction with decay, rescaled tensor by tensor to the size of the parameters.
 *
 * r = m̂ / (√v̂ + eps) + λ θ; θ ← θ − η ‖θ‖ / ‖r‖ · r, with ratio 1 where either norm is 0.
 *
 * Bias-corrected and without clipping, as in the paper, optax and Keras; timm first clips the global
 * norm of the gradients to 1: put `clipByGlobalNorm(1)` in front for that.
 * Reference: You et al., 2020, https://arxiv.org/abs/1904.00962.
 *
 * @example
 * ```ts
 * import { lamb } from "@layerwise/optim";
 *
 * const optimizer = lamb({ learningRate: 1e-3, weightDecay: 0.01 });
 * ```
 */
export function lamb(
  options: LambOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, EmptyState, LearningRateState]> {
  const {
    learningRate,
    eps = 1e-6,
    weightDecay = 0,
    weightDecayMask = true,
    ...rest
  }: Partial<LambOptions> = options ?? {};
  checkLearningRate("lamb", learningRate);
  return chain(
    scaleByAdam({ ...rest, eps }),
    masked(addDecayedWeights(weightDecay), weightDecayMask),
    scaleByTrustRatio(),
    scaleByLearningRate(learningRate),
  );
}
