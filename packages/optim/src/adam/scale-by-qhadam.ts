import { treeTidy } from "@layerwise/autodiff";
import { div, square } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage } from "../core/arithmetic.ts";
import { checkFinite } from "../core/check.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
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

/** Options of {@link scaleByQhadam}. */
export interface ScaleByQhadamOptions {
  /** Decay of the first moment. Default 0.995. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Weight of the average, against the gradient itself. Default 0.7. */
  readonly nu1?: Hyperparameter | undefined;
  /** Weight of the average, against the squared gradient itself. Default 1. */
  readonly nu2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Quasi-hyperbolic Adam: mixes both moments with the gradient of the moment.
 *
 * m̂ and v̂ as in Adam, u = ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + eps). ν₁ = ν₂ = 1 is Adam; ν₁ = 0 is
 * RMSProp with a bias correction; ν₁ = β₁, ν₂ = 1 is close to NAdam. The defaults are what its authors
 * recommend where Adam had β₁ = 0.9. Reference: Ma and Yarats, 2019, https://arxiv.org/abs/1810.06801, section 3.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByQhadam } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByQhadam(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByQhadam({
  b1 = 0.995,
  b2 = 0.999,
  nu1 = 0.7,
  nu2 = 1,
  eps = 1e-8,
}: ScaleByQhadamOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByQhadam", { b1, b2, eps });
  checkFinite("scaleByQhadam: nu1", nu1);
  checkFinite("scaleByQhadam: nu2", nu2);
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const c1 = biasCorrection(b1, count);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (g, m, v) =>
            div(
              movingAverage(nu1, div(m, c1), g),
              rootOf(movingAverage(nu2, div(v, c2), square(g)), { eps }),
            ),
          grads,
          mu,
          nu,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
