import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByBeliefOptions } from "./scale-by-belief.ts";
import { scaleByBelief } from "./scale-by-belief.ts";

/** Options of {@link adaBelief}. */
export interface AdaBeliefOptions extends ScaleByBeliefOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * AdaBelief: θ ← θ − η m̂ / (√ŝ + eps), with s the average squared distance of the gradient from m.
 *
 * Large steps where gradients agree with their average, small ones where they do not.
 * Reference: Zhuang et al., 2020, https://arxiv.org/abs/2010.07468.
 *
 * @example
 * ```ts
 * import { adaBelief } from "@layerwise/optim";
 *
 * const optimizer = adaBelief({ learningRate: 1e-3 });
 * ```
 */
export function adaBelief(
  options: AdaBeliefOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AdaBeliefOptions> = options ?? {};
  checkLearningRate("adaBelief", learningRate);
  return chain(scaleByBelief(rest), scaleByLearningRate(learningRate));
}
