import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByQhmOptions, ScaleByQhmState } from "./scale-by-qhm.ts";
import { scaleByQhm } from "./scale-by-qhm.ts";

/** Options of {@link qhm}. */
export interface QhmOptions extends ScaleByQhmOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * Quasi-hyperbolic momentum: θ ← θ − η ((1 − ν) g + ν m), mₜ = β mₜ₋₁ + (1 − β) g.
 *
 * Reference: Ma and Yarats, 2019, https://arxiv.org/abs/1810.06801; see {@link scaleByQhm}.
 *
 * @example
 * ```ts
 * import { qhm } from "@layerwise/optim";
 *
 * const optimizer = qhm({ learningRate: 1, decay: 0.999, nu: 0.7 });
 * ```
 */
export function qhm(
  options: QhmOptions,
): GradientTransformation<readonly [ScaleByQhmState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<QhmOptions> = options ?? {};
  checkLearningRate("qhm", learningRate);
  return chain(scaleByQhm(rest), scaleByLearningRate(learningRate));
}
