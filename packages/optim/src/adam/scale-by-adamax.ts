import { treeTidy } from "@layerwise/autodiff";
import { abs, div, maximum } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, times } from "../core/arithmetic.ts";
import { nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  checkMoments,
  correctedMean,
  type ScaleByAdamState,
  zeroMoments,
} from "./moments.ts";

/** Options of {@link scaleByAdamax}. */
export interface ScaleByAdamaxOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the largest gradient. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the gradient's magnitude under the maximum. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Add `eps` to the decayed maximum instead, as Keras and TensorFlow.js do. Default false. */
  readonly epsOutside?: boolean | undefined;
}

/**
 * Divides the average gradient by the largest gradient, decayed.
 *
 * mₜ = β₁ mₜ₋₁ + (1 − β₁) g, wₜ = max(β₂ wₜ₋₁, |g| + eps), u = m̂ / w: the limit of Adam with the p-th instead
 * of the second power, p → ∞. `nu` of the state is w. PyTorch and optax put `eps` there; Keras has
 * w = max(β₂ w, |g|) and u = m̂ / (w + eps).
 * Reference: Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, scaleByAdamax, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdamax(), scaleByLearningRate(2e-3));
 * ```
 */
export function scaleByAdamax({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsOutside = false,
}: ScaleByAdamaxOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByAdamax", { b1, b2, eps });
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = mapTensors(
          (g, w) => maximum(times(w, b2), epsOutside ? abs(g) : plus(abs(g), eps)),
          grads,
          state.nu,
        );
        const mean = correctedMean(b1, count, false);
        const updates = mapTensors(
          (m, w, g) => div(mean(m, g), epsOutside ? plus(w, eps) : w),
          mu,
          nu,
          grads,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
