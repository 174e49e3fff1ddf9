import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { div, mul, sqrt, square, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByAdadelta}. */
export type ScaleByAdadeltaState = {
  /** The moving average of squared gradients. */
  readonly squaredGrads: TensorTree;
  /** The moving average of squared updates. */
  readonly squaredUpdates: TensorTree;
};

/** Options of {@link scaleByAdadelta}. */
export interface ScaleByAdadeltaOptions {
  /** The decay ρ of both averages, in [0, 1). Default 0.9. */
  readonly rho?: Hyperparameter | undefined;
  /** Added under both roots. Default 1e-6. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Scales gradients by the ratio of typical updates to typical gradients, which gives them the unit of
 * parameters: E ← ρ E + (1 − ρ) g², u = g √(D + eps) / √(E + eps), D ← ρ D + (1 − ρ) u².
 *
 * The defaults are those of PyTorch, optax and the paper; Keras has ρ = 0.95, eps = 1e-7. (In
 * TensorFlow.js 4.22 `train.adadelta` divides by the old E and is plain gradient descent.)
 * Reference: Zeiler, 2012, https://arxiv.org/abs/1212.5701, algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByAdadelta } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdadelta(), scale(-1));
 * ```
 */
export function scaleByAdadelta({
  rho = 0.9,
  eps = 1e-6,
}: ScaleByAdadeltaOptions = {}): GradientTransformation<ScaleByAdadeltaState> {
  checkRange("scaleByAdadelta: rho", rho, 0, 1);
  checkRange("scaleByAdadelta: eps", eps, 0);
  return {
    init: (params) => ({
      squaredGrads: mapTensors(zerosLike, params),
      squaredUpdates: mapTensors(zerosLike, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const next = <T extends TensorTree>(average: T, x: TensorTree): T =>
          mapTensors((a, y) => movingAverage(rho, a, square(y)), average, x);
        const squaredGrads = next(state.squaredGrads, grads);
        const updates = mapTensors(
          (g, e, d) => mul(g, div(sqrt(plus(d, eps)), sqrt(plus(e, eps)))),
          grads,
          squaredGrads,
          state.squaredUpdates,
        );
        const squaredUpdates = next(state.squaredUpdates, updates);
        return { updates, state: { squaredGrads, squaredUpdates } };
      }),
  };
}
