import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, div, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  averageOfSquares,
  checkMoments,
  rootOf,
  type ScaleByAdamState,
  zeroMoments,
} from "./moments.ts";
import type { ScaleByAdamOptions } from "./scale-by-adam.ts";

/** The state of {@link scaleByAdemamix}. */
export type ScaleByAdemamixState = {
  readonly count: Scalar;
  /** The fast moving average of gradients. */
  readonly mu: TensorTree;
  /** The slow moving average of gradients. */
  readonly slow: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
};

/** Options of {@link scaleByAdemamix}. */
export interface ScaleByAdemamixOptions extends Omit<ScaleByAdamOptions, "nesterov" | "epsHat"> {
  /** Decay of the slow average, or a schedule such as `halfLifeSchedule`. Default 0.9999. */
  readonly b3?: Hyperparameter | Schedule | undefined;
  /** Weight of the slow average, or a schedule such as `linearSchedule`. Default 5. */
  readonly alpha?: Hyperparameter | Schedule | undefined;
}

/** Options of {@link scaleBySimplifiedAdemamix}. */
export interface ScaleBySimplifiedAdemamixOptions {
  /** Decay of the sum of gradients. Default 0.99. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.95. */
  readonly b2?: Hyperparameter | undefined;
  /** Weight of the gradient itself, or a schedule. Default 0. */
  readonly alpha?: Hyperparameter | Schedule | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Added under the root, after bias correction. Default 0. */
  readonly epsRoot?: Hyperparameter | undefined;
}

const valueAt = (value: Hyperparameter | Schedule, count: Tensor): Hyperparameter =>
  typeof value === "function" ? value(count) : value;

function checkSchedulable(
  name: string,
  value: Hyperparameter | Schedule,
  low: number,
  high?: number,
): void {
  if (typeof value !== "function") checkRange(name, value, low, high);
}

/**
 * Adam with a second, much slower average of gradients beside the first.
 *
 * m and v as in Adam, sₜ = β₃ sₜ₋₁ + (1 − β₃) g, u = (m̂ + α s) / (√(v̂ + epsRoot) + eps). s is not corrected for
 * its start at zero, so it fades in. For long runs the paper warms up both α, linearly, and β₃, by its half
 * life; schedules see the number of updates made. α is 5 as in optax's `ademamix`.
 * Reference: Pagliardini, Ablin and Grangier, 2024, https://arxiv.org/abs/2409.03137, algorithm 1.
 *
 * @example
 * ```ts
 * import { halfLifeSchedule, linearSchedule, scaleByAdemamix } from "@layerwise/optim";
 *
 * const steps = 100_000;
 * const warm = scaleByAdemamix({
 *   alpha: linearSchedule({ initValue: 0, endValue: 5, steps }),
 *   b3: halfLifeSchedule({ initValue: 0.9, endValue: 0.9999, steps }),
 * });
 * ```
 */
export function scaleByAdemamix({
  b1 = 0.9,
  b2 = 0.999,
  b3 = 0.9999,
  alpha = 5,
  eps = 1e-8,
  epsRoot = 0,
}: ScaleByAdemamixOptions = {}): GradientTransformation<ScaleByAdemamixState> {
  checkMoments("scaleByAdemamix", { b1, b2, eps, epsRoot });
  checkSchedulable("scaleByAdemamix: b3", b3, 0, 1);
  checkSchedulable("scaleByAdemamix: alpha", alpha, 0);
  return {
    init: (params) => ({ ...zeroMoments(params), slow: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const slow = averageOf(valueAt(b3, state.count), state.slow, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const weight = valueAt(alpha, state.count);
        const c1 = biasCorrection(b1, count);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (m, s, v) => div(add(div(m, c1), times(s, weight)), rootOf(v, { eps, epsRoot }, c2)),
          mu,
          slow,
          nu,
        );
        return { updates, state: { count, mu, slow, nu } };
      }),
  };
}

/**
 * AdEMAMix with one buffer: a decayed sum of gradients, to which the gradient itself is added once more.
 *
 * mₜ = β₁ mₜ₋₁ + g, vₜ = β₂ vₜ₋₁ + (1 − β₂) g², u = (m + α g) / (√(v̂ + epsRoot) + eps). With α = 0 it is Adam
 * without correction of m and with a step 1 / (1 − β₁) times as long: the sum is not an average.
 * Reference: Morwani et al., 2025, https://arxiv.org/abs/2502.02431.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleBySimplifiedAdemamix } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleBySimplifiedAdemamix({ alpha: 10 }), scaleByLearningRate(1e-5));
 * ```
 */
export function scaleBySimplifiedAdemamix({
  b1 = 0.99,
  b2 = 0.95,
  alpha = 0,
  eps = 1e-8,
  epsRoot = 0,
}: ScaleBySimplifiedAdemamixOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleBySimplifiedAdemamix", { b1, b2, eps, epsRoot });
  checkSchedulable("scaleBySimplifiedAdemamix: alpha", alpha, 0);
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = mapTensors((g, m) => add(g, times(m, b1)), grads, state.mu);
        const nu = averageOfSquares(b2, state.nu, grads);
        const weight = valueAt(alpha, state.count);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (g, m, v) => div(add(m, times(g, weight)), rootOf(v, { eps, epsRoot }, c2)),
          grads,
          mu,
          nu,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
