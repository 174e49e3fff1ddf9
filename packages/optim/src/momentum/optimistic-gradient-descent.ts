import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type {
  ScaleByOptimisticGradientOptions,
  ScaleByOptimisticGradientState,
} from "./scale-by-optimistic-gradient.ts";
import { scaleByOptimisticGradient } from "./scale-by-optimistic-gradient.ts";

/** Options of {@link optimisticGradientDescent}. */
export interface OptimisticGradientDescentOptions extends ScaleByOptimisticGradientOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * Optimistic gradient descent: θ ← θ − η (α gₜ + β (gₜ − gₜ₋₁)).
 *
 * Reference: Mokhtari et al., 2020, https://arxiv.org/abs/1901.08511.
 *
 * @example
 * ```ts
 * import { optimisticGradientDescent } from "@layerwise/optim";
 *
 * const optimizer = optimisticGradientDescent({ learningRate: 0.1 });
 * ```
 */
export function optimisticGradientDescent(
  options: OptimisticGradientDescentOptions,
): GradientTransformation<readonly [ScaleByOptimisticGradientState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<OptimisticGradientDescentOptions> = options ?? {};
  checkLearningRate("optimisticGradientDescent", learningRate);
  return chain(scaleByOptimisticGradient(rest), scaleByLearningRate(learningRate));
}
