import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage } from "../core/arithmetic.ts";
import { checkFinite, checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByQhm}: the moving average of gradients. */
export type ScaleByQhmState = { readonly mu: TensorTree };

/** Options of {@link scaleByQhm}. */
export interface ScaleByQhmOptions {
  /** The decay β of the average, in [0, 1). Default 0.999. */
  readonly decay?: Hyperparameter | undefined;
  /** The weight ν of the average against the gradient. Default 0.7. */
  readonly nu?: Hyperparameter | undefined;
}

/**
 * Quasi-hyperbolic momentum: mₜ = β mₜ₋₁ + (1 − β) g, u = (1 − ν) g + ν m.
 *
 * ν = 0 is gradient descent, ν = 1 momentum as a moving average, ν = β Nesterov's momentum (up to a
 * factor 1 − β). The average is not bias-corrected.
 * Reference: Ma and Yarats, 2019, https://arxiv.org/abs/1810.06801.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByQhm } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByQhm({ decay: 0.99, nu: 0.7 }), scaleByLearningRate(1));
 * ```
 */
export function scaleByQhm({
  decay = 0.999,
  nu = 0.7,
}: ScaleByQhmOptions = {}): GradientTransformation<ScaleByQhmState> {
  checkRange("scaleByQhm: decay", decay, 0, 1);
  checkFinite("scaleByQhm: nu", nu);
  return {
    init: (params) => ({ mu: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const mu = mapTensors((g, m) => movingAverage(decay, m, g), grads, state.mu);
        const updates = mapTensors((g, m) => movingAverage(nu, m, g), grads, mu);
        return { updates, state: { mu } };
      }),
  };
}
