import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByOptimisticGradientState } from "../momentum/scale-by-optimistic-gradient.ts";
import { scaleByOptimisticGradient } from "../momentum/scale-by-optimistic-gradient.ts";
import type { AdamOptions } from "./adam.ts";
import type { ScaleByAdamState } from "./moments.ts";
import { scaleByAdam } from "./scale-by-adam.ts";

/** Options of {@link optimisticAdam}. */
export interface OptimisticAdamOptions extends AdamOptions {
  /** Weight of the step itself. Default 1. */
  readonly alpha?: Hyperparameter | undefined;
  /** Weight of its change since the step before. Default 1. */
  readonly beta?: Hyperparameter | undefined;
}

/**
 * Optimistic Adam, for games: θ ← θ − η ((α + β) uₜ − β uₜ₋₁), with u the step of Adam.
 *
 * Plain gradient steps circle around the equilibrium of a min-max problem; expecting the next step to
 * change as the last one did breaks the circle. `nesterov` is true by default, as in optax's
 * `optimistic_adam_v2`. Reference: Daskalakis et al., 2018, https://arxiv.org/abs/1711.00141.
 *
 * @example
 * ```ts
 * import { optimisticAdam } from "@layerwise/optim";
 *
 * const optimizer = optimisticAdam({ learningRate: 1e-3 });
 * ```
 */
export function optimisticAdam(
  options: OptimisticAdamOptions,
): GradientTransformation<
  readonly [ScaleByAdamState, ScaleByOptimisticGradientState, LearningRateState]
> {
  const {
    learningRate,
    alpha = 1,
    beta = 1,
    nesterov = true,
    ...rest
  }: Partial<OptimisticAdamOptions> = options ?? {};
  checkLearningRate("optimisticAdam", learningRate);
  return chain(
    scaleByAdam({ ...rest, nesterov }),
    scaleByOptimisticGradient({ alpha, beta }),
    scaleByLearningRate(learningRate),
  );
}
