import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdadeltaOptions, ScaleByAdadeltaState } from "./scale-by-adadelta.ts";
import { scaleByAdadelta } from "./scale-by-adadelta.ts";

/** Options of {@link adaDelta}. */
export interface AdaDeltaOptions extends ScaleByAdadeltaOptions {
  /** The step size, a number or a schedule. Default 1: the rule needs none. */
  readonly learningRate?: LearningRate | undefined;
  /** A multiple λ of the parameters added to the gradients (L2, before the averages). Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * AdaDelta: θ ← θ − η g √(D + eps) / √(E + eps), with moving averages E of g² and D of the squared
 * updates.
 *
 * Reference: Zeiler, 2012, https://arxiv.org/abs/1212.5701; see {@link scaleByAdadelta}.
 *
 * @example
 * ```ts
 * import { adaDelta } from "@layerwise/optim";
 *
 * const optimizer = adaDelta();
 * ```
 */
export function adaDelta({
  learningRate = 1,
  weightDecay = 0,
  ...rest
}: AdaDeltaOptions = {}): GradientTransformation<
  readonly [EmptyState, ScaleByAdadeltaState, LearningRateState]
> {
  checkLearningRate("adaDelta", learningRate);
  return chain(
    decayUnlessZero(weightDecay),
    scaleByAdadelta(rest),
    scaleByLearningRate(learningRate),
  );
}
