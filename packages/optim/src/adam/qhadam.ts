import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByQhadamOptions } from "./scale-by-qhadam.ts";
import { scaleByQhadam } from "./scale-by-qhadam.ts";

/** Options of {@link qhadam}. */
export interface QhadamOptions extends ScaleByQhadamOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * QHAdam: θ ← θ − η ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + eps).
 *
 * ν₁ = ν₂ = 1 is Adam. Reference: Ma and Yarats, 2019, https://arxiv.org/abs/1810.06801.
 *
 * @example
 * ```ts
 * import { qhadam } from "@layerwise/optim";
 *
 * const optimizer = qhadam({ learningRate: 1e-3 });
 * ```
 */
export function qhadam(
  options: QhadamOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<QhadamOptions> = options ?? {};
  checkLearningRate("qhadam", learningRate);
  return chain(scaleByQhadam(rest), scaleByLearningRate(learningRate));
}
