import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { type EmaState, ema } from "../momentum/ema.ts";
import { scaleBySign } from "./scale-by-sign.ts";

/** Options of {@link signSgd}. */
export interface SignSgdOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/** Options of {@link signum}. */
export interface SignumOptions extends SignSgdOptions {
  /** The decay β of the average, in [0, 1). Default 0.9. */
  readonly beta?: Hyperparameter | undefined;
}

/**
 * Sign descent: θ ← θ − η sign(g).
 *
 * Reference: Bernstein et al., 2018, https://arxiv.org/abs/1802.04434.
 *
 * @example
 * ```ts
 * import { exponentialDecaySchedule, signSgd } from "@layerwise/optim";
 *
 * const learningRate = exponentialDecaySchedule({ initValue: 0.1, rate: 0.99 });
 * const optimizer = signSgd({ learningRate });
 * ```
 */
export function signSgd(
  options: SignSgdOptions,
): GradientTransformation<readonly [EmptyState, LearningRateState]> {
  const { learningRate }: Partial<SignSgdOptions> = options ?? {};
  checkLearningRate("signSgd", learningRate);
  return chain(scaleBySign(), scaleByLearningRate(learningRate));
}

/**
 * Sign descent with momentum: θ ← θ − η sign(m), mₜ = β mₜ₋₁ + (1 − β) g.
 *
 * The sign of an average is that of the sum, so bias correction would change nothing.
 * Reference: Bernstein et al., 2018, https://arxiv.org/abs/1802.04434.
 *
 * @example
 * ```ts
 * import { signum } from "@layerwise/optim";
 *
 * const optimizer = signum({ learningRate: 1e-3 });
 * ```
 */
export function signum(
  options: SignumOptions,
): GradientTransformation<readonly [EmaState, EmptyState, LearningRateState]> {
  const { learningRate, beta = 0.9 }: Partial<SignumOptions> = options ?? {};
  checkLearningRate("signum", learningRate);
  checkRange("signum: beta", beta, 0, 1);
  return chain(
    ema({ decay: beta, debias: false }),
    scaleBySign(),
    scaleByLearningRate(learningRate),
  );
}
