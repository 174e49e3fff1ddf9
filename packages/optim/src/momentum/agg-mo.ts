import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAggmoOptions, ScaleByAggmoState } from "./scale-by-aggmo.ts";
import { scaleByAggmo } from "./scale-by-aggmo.ts";

/** Options of {@link aggMo}. */
export interface AggMoOptions extends ScaleByAggmoOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * Gradient descent with aggregated momentum: θ ← θ − (η/K) Σᵢ t⁽ⁱ⁾, t⁽ⁱ⁾ ← β⁽ⁱ⁾ t⁽ⁱ⁾ + g.
 *
 * Reference: Lucas et al., 2019, https://arxiv.org/abs/1804.00325; see {@link scaleByAggmo}.
 *
 * @example
 * ```ts
 * import { aggMo } from "@layerwise/optim";
 *
 * const optimizer = aggMo({ learningRate: 0.1, betas: [0, 0.9, 0.99] });
 * ```
 */
export function aggMo(
  options: AggMoOptions,
): GradientTransformation<readonly [ScaleByAggmoState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AggMoOptions> = options ?? {};
  checkLearningRate("aggMo", learningRate);
  return chain(scaleByAggmo(rest), scaleByLearningRate(learningRate));
}
