import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { type EmaState, ema } from "./ema.ts";

/** Options of {@link emaMomentum}. */
export interface EmaMomentumOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of the average, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
  /** Divide by 1 − λᵗ, the weight gathered so far. Default false. */
  readonly debias?: boolean | undefined;
}

/**
 * Momentum as a moving average: v ← λ v − (1 − λ) g, θ ← θ + η v.
 *
 * The step keeps the scale of a gradient, whatever λ: it is {@link sgd} with momentum λ and a
 * learning rate of η (1 − λ).
 *
 * @example
 * ```ts
 * import { emaMomentum } from "@layerwise/optim";
 *
 * const optimizer = emaMomentum({ learningRate: 0.1, momentum: 0.9 });
 * ```
 */
export function emaMomentum(
  options: EmaMomentumOptions,
): GradientTransformation<readonly [EmaState, LearningRateState]> {
  const {
    learningRate,
    momentum = 0.9,
    debias = false,
  }: Partial<EmaMomentumOptions> = options ?? {};
  checkLearningRate("emaMomentum", learningRate);
  checkRange("emaMomentum: momentum", momentum, 0, 1);
  return chain(ema({ decay: momentum, debias }), scaleByLearningRate(learningRate));
}
