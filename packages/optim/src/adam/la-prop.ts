import type { ScaleByRmsState } from "../adaptive/scale-by-rms.ts";
import { scaleByRms } from "../adaptive/scale-by-rms.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { EmaState } from "../momentum/ema.ts";
import { ema } from "../momentum/ema.ts";

/** Options of {@link laProp}. */
export interface LaPropOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Decay of the average step. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-15. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * LaProp: Adam that normalizes first and averages then, m = β₁ m + (1 − β₁) g / (√v̂ + eps), θ ← θ − η m / (1 − β₁ᵗ).
 *
 * Every gradient in the average was divided by the second moment of its own time, so that β₁ and β₂ can be
 * chosen freely. Reference: Ziyin, Wang and Ueda, 2020, https://arxiv.org/abs/2002.04839, algorithm 1.
 *
 * @example
 * ```ts
 * import { laProp } from "@layerwise/optim";
 *
 * const optimizer = laProp({ learningRate: 4e-4 });
 * ```
 */
export function laProp(
  options: LaPropOptions,
): GradientTransformation<readonly [ScaleByRmsState, EmaState, LearningRateState]> {
  const { learningRate, b1 = 0.9, b2 = 0.999, eps = 1e-15 }: Partial<LaPropOptions> = options ?? {};
  checkLearningRate("laProp", learningRate);
  checkRange("laProp: b1", b1, 0, 1);
  checkRange("laProp: b2", b2, 0, 1);
  return chain(
    scaleByRms({ decay: b2, debias: true, epsInSqrt: false, eps }),
    ema({ decay: b1 }),
    scaleByLearningRate(learningRate),
  );
}
