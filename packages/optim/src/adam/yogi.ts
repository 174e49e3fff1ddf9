import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByYogiOptions } from "./scale-by-yogi.ts";
import { scaleByYogi } from "./scale-by-yogi.ts";

/** Options of {@link yogi}. */
export interface YogiOptions extends ScaleByYogiOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * Yogi: Adam with v ← v − (1 − β₂) sign(v − g²) g².
 *
 * eps is 1e-3 and both moments start at 1e-6, as in optax. Reference: Zaheer et al., 2018,
 * https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization.
 *
 * @example
 * ```ts
 * import { yogi } from "@layerwise/optim";
 *
 * const optimizer = yogi({ learningRate: 1e-2 });
 * ```
 */
export function yogi(
  options: YogiOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<YogiOptions> = options ?? {};
  checkLearningRate("yogi", learningRate);
  return chain(scaleByYogi(rest), scaleByLearningRate(learningRate));
}
