import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  equal,
  mul,
  sqrt,
  square,
  sum,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The state of {@link scaleByNovograd}. */
export type ScaleByNovogradState = {
  readonly count: Scalar;
  /** The decayed sum of normalised gradients. */
  readonly mu: TensorTree;
  /** The moving average of the squared norm of each gradient: one scalar per parameter. */
  readonly nu: TensorTree;
};

/** Options of {@link scaleByNovograd}. */
export interface ScaleByNovogradOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.25. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root. Default 1e-6. */
  readonly eps?: Hyperparameter | undefined;
  /** Added under the root. Default 0. */
  readonly epsRoot?: Hyperparameter | undefined;
  /** The decay λ, inside the first moment. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * Momentum on gradients that are divided by a moving average of their tensor's norm.
 *
 * v₁ = ‖g₁‖², vₜ = β₂ vₜ₋₁ + (1 − β₂) ‖gₜ‖²; mₜ = β₁ mₜ₋₁ + g / (√(v + epsRoot) + eps) + λ θ; u = m.
 *
 * The second moment starts at its first value and so needs no bias correction; the first is a sum, as
 * in the paper and optax (others average it). `update` needs the parameters when they decay.
 * Reference: Ginsburg et al., 2019, https://arxiv.org/abs/1905.11286, algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByNovograd } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByNovograd({ b1: 0.95 }), scaleByLearningRate(0.01));
 * ```
 */
export function scaleByNovograd({
  b1 = 0.9,
  b2 = 0.25,
  eps = 1e-6,
  epsRoot = 0,
  weightDecay = 0,
}: ScaleByNovogradOptions = {}): GradientTransformation<ScaleByNovogradState> {
  checkRange("scaleByNovograd: b1", b1, 0, 1);
  checkRange("scaleByNovograd: b2", b2, 0, 1);
  checkRange("scaleByNovograd: eps", eps, 0);
  checkRange("scaleByNovograd: epsRoot", epsRoot, 0);
  checkRange("scaleByNovograd: weightDecay", weightDecay, 0);
  return {
    init: (params) => ({
      count: zeroCount(),
      mu: mapTensors(zerosLike, params),
      nu: mapTensors(() => constant(0), params),
    }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const first = equal(state.count, 0);
        const nu = mapTensors(
          (g, v) => {
            const squared = sum(square(g));
            return where(first, squared, movingAverage(b2, v, squared));
          },
          grads,
          state.nu,
        );
        const normalized = mapTensors(
          (g, v) => div(g, plus(sqrt(plus(v, epsRoot)), eps)),
          grads,
          nu,
        );
        const by = tensorOf(weightDecay);
        const decayed =
          weightDecay === 0
            ? normalized
            : mapTensors(
                (g: Tensor, p) => add(g, mul(by, p)),
                normalized,
                requireParams("scaleByNovograd", params),
              );
        const keep = tensorOf(b1);
        const mu = mapTensors((g, m) => add(mul(keep, m), g), decayed, state.mu);
        return { updates: mapTensors(clone, mu), state: { count: nextCount(state.count), mu, nu } };
      }),
  };
}
