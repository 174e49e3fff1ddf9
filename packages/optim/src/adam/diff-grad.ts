import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByDiffgradOptions, ScaleByDiffgradState } from "./scale-by-diffgrad.ts";
import { scaleByDiffgrad } from "./scale-by-diffgrad.ts";

/** Options of {@link diffGrad}. */
export interface DiffGradOptions extends ScaleByDiffgradOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * diffGrad: θ ← θ − η σ(|gₜ₋₁ − gₜ|) m̂ / (√v̂ + eps), Adam that slows down where the gradient stays the same.
 *
 * Reference: Dubey et al., 2020, https://arxiv.org/abs/1909.11015.
 *
 * @example
 * ```ts
 * import { diffGrad } from "@layerwise/optim";
 *
 * const optimizer = diffGrad({ learningRate: 1e-3 });
 * ```
 */
export function diffGrad(
  options: DiffGradOptions,
): GradientTransformation<readonly [ScaleByDiffgradState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<DiffGradOptions> = options ?? {};
  checkLearningRate("diffGrad", learningRate);
  return chain(scaleByDiffgrad(rest), scaleByLearningRate(learningRate));
}
