import { treeTidy } from "@layerwise/autodiff";
import { div } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  averageOfSquares,
  checkMoments,
  correctedMean,
  rootOf,
  type ScaleByAdamState,
  zeroMoments,
} from "./moments.ts";

export type { ScaleByAdamState } from "./moments.ts";

/** Options of {@link scaleByAdam}. */
export interface ScaleByAdamOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /**
   * Added under the root, after bias correction. Default 0. Above 0 the step can be differentiated where
   * a gradient is zero, as in meta-learning.
   */
  readonly epsRoot?: Hyperparameter | undefined;
  /**
   * Add `eps` and `epsRoot` *before* bias correction: u = m̂ √(1 − β₂ᵗ) / (√(v + epsRoot) + eps). This is
   * the ε̂ of the paper's section 2, and what Keras and TensorFlow compute. Default false.
   */
  readonly epsHat?: boolean | undefined;
  /** Look ahead by one decayed step, which makes it NAdam. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Divides the average gradient by the root of the average squared gradient, both bias-corrected.
 *
 * mₜ = β₁ mₜ₋₁ + (1 − β₁) g, vₜ = β₂ vₜ₋₁ + (1 − β₂) g²,
 * u = m̂ / (√(v̂ + epsRoot) + eps), with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). Nesterov's variant has
 * m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ), as in optax.
 *
 * References: Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980, algorithm 1; Dozat, 2016,
 * https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.
 *
 * @example
 * ```ts
 * import { chain, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdam({ b2: 0.99 }), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByAdam({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  epsHat = false,
  nesterov = false,
}: ScaleByAdamOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByAdam", { b1, b2, eps, epsRoot });
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const mean = correctedMean(b1, count, nesterov);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (m, v, g) => div(mean(m, g), rootOf(v, { eps, epsRoot, epsHat }, c2)),
          mu,
          nu,
          grads,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
