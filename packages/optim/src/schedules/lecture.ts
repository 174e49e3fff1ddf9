import type { Hyperparameter } from "../core/arithmetic.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { type InversePowerDecayScheduleOptions, inversePowerDecaySchedule } from "./decay.ts";
import { linearSchedule } from "./polynomial.ts";

/** Options of {@link linearToConstantSchedule}. */
export interface LinearToConstantScheduleOptions {
  /** ε₀. */
  readonly initValue: Hyperparameter;
  /** ε_τ, commonly about a hundredth of ε₀. */
  readonly endValue: Hyperparameter;
  /** τ, commonly a few hundred passes over the training set. */
  readonly steps: number;
}

/**
 * Linear decay until step τ, then constant: ε_k = (1 − α) ε₀ + α ε_τ with α = k / τ, and ε_τ for k > τ.
 *
 * The same as {@link linearSchedule}. A learning rate that stays above 0 does not make stochastic
 * gradients converge; {@link robbinsMonroSchedule} does.
 * Reference: Goodfellow, Bengio and Courville, 2016, equation 8.14,
 * https://www.deeplearningbook.org/contents/optimization.html.
 *
 * @example
 * ```ts
 * import { linearToConstantSchedule } from "@layerwise/optim";
 *
 * const rate = linearToConstantSchedule({ initValue: 0.1, endValue: 0.001, steps: 1000 });
 * ```
 */
export function linearToConstantSchedule(options: LinearToConstantScheduleOptions): Schedule {
  return linearSchedule({ ...options, begin: 0 });
}

/**
 * A learning rate for which stochastic approximation converges: ε_t = initValue · (1 + t / steps)^(−p).
 *
 * The conditions are Σ ε_t = ∞, so that every point can be reached, and Σ ε_t² < ∞, so that noise
 * averages out. They hold for ½ < p ≤ 1 only, and other powers throw. The default p = 1 is 1/t:
 * `initValue` / k in the k-th update.
 * Reference: Robbins and Monro, 1951, https://doi.org/10.1214/aoms/1177729586.
 *
 * @example
 * ```ts
 * import { robbinsMonroSchedule } from "@layerwise/optim";
 *
 * const rate = robbinsMonroSchedule({ initValue: 1 });
 * ```
 */
export function robbinsMonroSchedule(options: InversePowerDecayScheduleOptions): Schedule {
  const { power = 1 } = options;
  if (!(power > 0.5 && power <= 1)) {
    throw new Error(`robbinsMonroSchedule: power: expected a number in (0.5, 1], got ${power}`);
  }
  return inversePowerDecaySchedule(options);
}
