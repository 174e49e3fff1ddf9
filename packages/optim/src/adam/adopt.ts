import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByAdoptOptions } from "./scale-by-adopt.ts";
import { scaleByAdopt } from "./scale-by-adopt.ts";

/** Options of {@link adopt}. */
export interface AdoptOptions extends ScaleByAdoptOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of decoupled weight decay, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * ADOPT: θ ← θ − η (mₜ + λ θ), mₜ = β₁ mₜ₋₁ + (1 − β₁) clip(g / max(√vₜ₋₁, eps), ±t^¼).
 *
 * The first step only fills v. Reference: Taniguchi et al., 2024, https://arxiv.org/abs/2411.02853.
 *
 * @example
 * ```ts
 * import { adopt } from "@layerwise/optim";
 *
 * const optimizer = adopt({ learningRate: 1e-3 });
 * ```
 */
export function adopt(
  options: AdoptOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<AdoptOptions> = options ?? {};
  checkLearningRate("adopt", learningRate);
  return chain(scaleByAdopt(rest), decayUnlessZero(weightDecay), scaleByLearningRate(learningRate));
}
