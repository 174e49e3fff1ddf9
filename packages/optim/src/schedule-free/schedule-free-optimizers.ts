import { type ScaleByRmsState, scaleByRms } from "../adaptive/scale-by-rms.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import { type LearningRateState, scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { type ScheduleFreeOptions, type ScheduleFreeState, scheduleFree } from "./schedule-free.ts";

/** Options of {@link scheduleFreeSgd}. */
export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions {
  /** The decay λ of the training parameters y, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/** Options of {@link scheduleFreeAdamW}. */
export interface ScheduleFreeAdamWOptions extends ScheduleFreeSgdOptions {
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Schedule-free gradient descent: z ← z − η (g + λ y) inside {@link scheduleFree}.
 *
 * Reference: Defazio et al., 2024, https://arxiv.org/abs/2405.15682.
 *
 * @example
 * ```ts
 * import { linearSchedule, scheduleFreeSgd } from "@layerwise/optim";
 *
 * const learningRate = linearSchedule({ initValue: 0.01, endValue: 1, steps: 500 });
 * const optimizer = scheduleFreeSgd({ learningRate });
 * ```
 */
export function scheduleFreeSgd(
  options: ScheduleFreeSgdOptions,
): GradientTransformation<ScheduleFreeState<readonly [EmptyState, LearningRateState]>> {
  const { learningRate, weightDecay = 0 }: Partial<ScheduleFreeSgdOptions> = options ?? {};
  checkLearningRate("scheduleFreeSgd", learningRate);
  return scheduleFree(
    chain(decayUnlessZero(weightDecay), scaleByLearningRate(learningRate)),
    options,
  );
}

/**
 * Schedule-free AdamW: z ← z − η (g / (√v̂ + eps) + λ y) inside {@link scheduleFree}, which stands in
 * for the first moment.
 *
 * As in optax v̂ is bias-corrected before eps is added; in the paper the rate is multiplied by
 * √(1 − β₂ᵗ) instead. Reference: Defazio et al., 2024, https://arxiv.org/abs/2405.15682, algorithm 1.
 *
 * @example
 * ```ts
 * import { scheduleFreeAdamW } from "@layerwise/optim";
 *
 * const optimizer = scheduleFreeAdamW({ learningRate: 2.5e-3, weightDecay: 0.01 });
 * ```
 */
export function scheduleFreeAdamW(
  options: ScheduleFreeAdamWOptions,
): GradientTransformation<
  ScheduleFreeState<readonly [ScaleByRmsState, EmptyState, LearningRateState]>
> {
  const {
    learningRate,
    weightDecay = 0,
    b2 = 0.999,
    eps,
  }: Partial<ScheduleFreeAdamWOptions> = options ?? {};
  checkLearningRate("scheduleFreeAdamW", learningRate);
  checkRange("scheduleFreeAdamW: b2", b2, 0, 1);
  const inner = chain(
    scaleByRms({ decay: b2, eps, epsInSqrt: false, debias: true }),
    decayUnlessZero(weightDecay),
    scaleByLearningRate(learningRate),
  );
  return scheduleFree(inner, options);
}
