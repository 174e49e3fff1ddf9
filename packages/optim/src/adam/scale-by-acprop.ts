import { treeTidy } from "@layerwise/autodiff";
import { div, equal, maximum, onesLike, scalar, square, sub, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus } from "../core/arithmetic.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averageOf, checkMoments, rootOf, type ScaleByAdamState, zeroMoments } from "./moments.ts";

/** Options of {@link scaleByAcprop}. */
export interface ScaleByAcpropOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the variance. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-16. */
  readonly eps?: Hyperparameter | undefined;
  /** Added to the stored variance at every step. Default 1e-16. */
  readonly epsRoot?: Hyperparameter | undefined;
}

/**
 * AdaBelief with the variance of the step before, so that step and denominator are independent.
 *
 * u = gₜ / (√ŝₜ₋₁ + eps), with ŝ₀ = 1, mₜ = β₁ mₜ₋₁ + (1 − β₁) g and
 * sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ₋₁)² + epsRoot. `nu` of the state is s; m only centers it.
 *
 * As optax computes it; its documentation and the paper's algorithm have (g − mₜ)².
 * Reference: Zhuang et al., 2021, https://arxiv.org/abs/2110.05454.
 *
 * @example
 * ```ts
 * import { chain, scaleByAcprop, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAcprop(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByAcprop({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-16,
  epsRoot = 1e-16,
}: ScaleByAcpropOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByAcprop", { b1, b2, eps, epsRoot });
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const first = equal(state.count, scalar(0, "int32"));
        const mu = averageOf(b1, state.mu, grads);
        const nu = mapTensors(
          (g, m, s) => plus(movingAverage(b2, s, square(sub(g, m))), epsRoot),
          grads,
          state.mu,
          state.nu,
        );
        // At the first step any number but 0 will do: the variance is 1 then.
        const c2 = biasCorrection(b2, maximum(state.count, scalar(1, "int32")));
        const updates = mapTensors(
          (g, s) => div(g, rootOf(where(first, onesLike(s), div(s, c2)), { eps })),
          grads,
          state.nu,
        );
        return { updates, state: { count: nextCount(state.count), mu, nu } };
      }),
  };
}
