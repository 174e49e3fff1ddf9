import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { TraceState } from "./trace.ts";
import { trace } from "./trace.ts";

/** Options of {@link heavyBall}. */
export interface HeavyBallOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay α of the velocity, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
  /** Step to α v − η g, the position of Nesterov's look-ahead. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Momentum as a velocity: v ← α v − η g, θ ← θ + v.
 *
 * The learning rate is inside the velocity, as in Keras and in Goodfellow et al., 2016, algorithm 8.2
 * (https://www.deeplearningbook.org); in {@link sgd}, PyTorch and optax it is outside. With a constant
 * rate both are the same. When a schedule lowers the rate, this one carries the old speed on.
 *
 * @example
 * ```ts
 * import { heavyBall } from "@layerwise/optim";
 *
 * const optimizer = heavyBall({ learningRate: 0.01, momentum: 0.9 });
 * ```
 */
export function heavyBall(
  options: HeavyBallOptions,
): GradientTransformation<readonly [LearningRateState, TraceState]> {
  const {
    learningRate,
    momentum = 0.9,
    nesterov = false,
  }: Partial<HeavyBallOptions> = options ?? {};
  checkLearningRate("heavyBall", learningRate);
  checkRange("heavyBall: momentum", momentum, 0, 1);
  return chain(scaleByLearningRate(learningRate), trace({ decay: momentum, nesterov }));
}
