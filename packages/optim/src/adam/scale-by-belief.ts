import { treeTidy } from "@layerwise/autodiff";
import { div, square, sub } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus } from "../core/arithmetic.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  checkMoments,
  correctedMean,
  rootOf,
  type ScaleByAdamState,
  zeroMoments,
} from "./moments.ts";

/** Options of {@link scaleByBelief}. */
export interface ScaleByBeliefOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the variance. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-16. */
  readonly eps?: Hyperparameter | undefined;
  /** Added to the stored variance at every step. Default 1e-16. */
  readonly epsRoot?: Hyperparameter | undefined;
  /** Look ahead by one decayed step, as in `scaleByAdam`. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Divides the average gradient by its uncertainty: the root of the average squared distance between the
 * gradient and that average.
 *
 * mₜ = β₁ mₜ₋₁ + (1 − β₁) g, sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ)² + epsRoot, u = m̂ / (√ŝ + eps). `nu` of the state
 * is s. `epsRoot` joins the *stored* s at every step, so it adds up to epsRoot / (1 − β₂), as in the paper
 * and optax.
 * Reference: Zhuang et al., 2020, https://arxiv.org/abs/2010.07468, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, scaleByBelief, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByBelief(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByBelief({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-16,
  epsRoot = 1e-16,
  nesterov = false,
}: ScaleByBeliefOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByBelief", { b1, b2, eps, epsRoot });
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = mapTensors(
          (g, m, s) => plus(movingAverage(b2, s, square(sub(g, m))), epsRoot),
          grads,
          mu,
          state.nu,
        );
        const mean = correctedMean(b1, count, nesterov);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (m, s, g) => div(mean(m, g), rootOf(s, { eps }, c2)),
          mu,
          nu,
          grads,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
