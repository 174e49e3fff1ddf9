import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type {
  ScaleByAdemamixOptions,
  ScaleByAdemamixState,
  ScaleBySimplifiedAdemamixOptions,
} from "./scale-by-ademamix.ts";
import { scaleByAdemamix, scaleBySimplifiedAdemamix } from "./scale-by-ademamix.ts";

/** Options of {@link ademamix}. */
export interface AdemamixOptions extends ScaleByAdemamixOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of decoupled weight decay, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/** Options of {@link simplifiedAdemamix}. */
export interface SimplifiedAdemamixOptions extends ScaleBySimplifiedAdemamixOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of decoupled weight decay, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * AdEMAMix: θ ← θ − η ((m̂ + α s) / (√v̂ + eps) + λ θ), with s a slow average of gradients.
 *
 * Reference: Pagliardini, Ablin and Grangier, 2024, https://arxiv.org/abs/2409.03137.
 *
 * @example
 * ```ts
 * import { ademamix } from "@layerwise/optim";
 *
 * const optimizer = ademamix({ learningRate: 1e-3 });
 * ```
 */
export function ademamix(
  options: AdemamixOptions,
): GradientTransformation<readonly [ScaleByAdemamixState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<AdemamixOptions> = options ?? {};
  checkLearningRate("ademamix", learningRate);
  return chain(
    scaleByAdemamix(rest),
    decayUnlessZero(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Simplified AdEMAMix: θ ← θ − η ((m + α g) / (√v̂ + eps) + λ θ), with m a decayed *sum* of gradients.
 *
 * m is 1 / (1 − β₁) times an average, so learning rates are that much smaller.
 * Reference: Morwani et al., 2025, https://arxiv.org/abs/2502.02431.
 *
 * @example
 * ```ts
 * import { simplifiedAdemamix } from "@layerwise/optim";
 *
 * const optimizer = simplifiedAdemamix({ learningRate: 1e-5 });
 * ```
 */
export function simplifiedAdemamix(
  options: SimplifiedAdemamixOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, LearningRateState]> {
  const {
    learningRate,
    weightDecay = 0,
    ...rest
  }: Partial<SimplifiedAdemamixOptions> = options ?? {};
  checkLearningRate("simplifiedAdemamix", learningRate);
  return chain(
    scaleBySimplifiedAdemamix(rest),
    decayUnlessZero(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
