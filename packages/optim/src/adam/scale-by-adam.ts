import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { div, sqrt, square, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByAdam}: the number of updates and the two moment estimates. */
export type ScaleByAdamState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
};

/** Options of {@link scaleByAdam}. */
export interface ScaleByAdamOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Added under the root, after bias correction. Default 0. */
  readonly epsRoot?: Hyperparameter | undefined;
}

/**
 * Divides the average gradient by the root of the average squared gradient, both bias-corrected.
 *
 * mₜ = β₁ mₜ₋₁ + (1 − β₁) g, vₜ = β₂ vₜ₋₁ + (1 − β₂) g²,
 * u = m̂ / (√(v̂ + epsRoot) + eps), with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
 *
 * Reference: Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980, algorithm 1.
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
}: ScaleByAdamOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkRange("scaleByAdam: b1", b1, 0, 1);
  checkRange("scaleByAdam: b2", b2, 0, 1);
  checkRange("scaleByAdam: eps", eps, 0);
  checkRange("scaleByAdam: epsRoot", epsRoot, 0);
  return {
    init: (params) => ({
      count: zeroCount(),
      mu: mapTensors(zerosLike, params),
      nu: mapTensors(zerosLike, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = mapTensors((g, m) => movingAverage(b1, m, g), grads, state.mu);
        const nu = mapTensors((g, v) => movingAverage(b2, v, square(g)), grads, state.nu);
        const c1 = biasCorrection(b1, count);
        const c2 = biasCorrection(b2, count);
        const root = (v: Tensor): Tensor => sqrt(epsRoot === 0 ? v : plus(v, epsRoot));
        const updates = mapTensors((m, v) => div(div(m, c1), plus(root(div(v, c2)), eps)), mu, nu);
        return { updates, state: { count, mu, nu } };
      }),
  };
}
