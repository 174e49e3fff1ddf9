import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { type LearningRateState, scale, scaleBySchedule } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByCocobOptions, ScaleByCocobState } from "./scale-by-cocob.ts";
import { scaleByCocob } from "./scale-by-cocob.ts";

/** Options of {@link cocob}. */
export interface CocobOptions extends ScaleByCocobOptions {
  /** Factor of the gradients, a number or a schedule. Default 1. */
  readonly learningRate?: LearningRate | undefined;
  /** The penalty λ, added to the gradients as λ θ. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * COCOB: every coordinate bets a fraction of the money it won on the sign of its next gradient.
 *
 * Nothing is to be tuned. `learningRate` multiplies the *gradients*, as in optax: to a method that
 * hardly knows the scale of gradients it matters only where a schedule changes it. The rule is that
 * of {@link scaleByCocob}. Reference: Orabona and Tommasi, 2017, https://arxiv.org/abs/1705.07795.
 *
 * @example
 * ```ts
 * import { cocob } from "@layerwise/optim";
 *
 * const optimizer = cocob();
 * ```
 */
export function cocob(
  options: CocobOptions = {},
): GradientTransformation<readonly [EmptyState, LearningRateState, ScaleByCocobState]> {
  const { learningRate = 1, weightDecay = 0, ...rest } = options;
  checkLearningRate("cocob", learningRate);
  return chain(
    decayUnlessZero(weightDecay),
    typeof learningRate === "function" ? scaleBySchedule(learningRate) : scale(learningRate),
    scaleByCocob(rest),
  );
}
