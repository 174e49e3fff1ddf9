import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { div, mul, sign, square, sub, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, plus, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  checkMoments,
  correctedMean,
  rootOf,
  type ScaleByAdamState,
} from "./moments.ts";

/** Options of {@link scaleByYogi}. */
export interface ScaleByYogiOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-3. */
  readonly eps?: Hyperparameter | undefined;
  /** Added under the root, after bias correction. Default 0. */
  readonly epsRoot?: Hyperparameter | undefined;
  /** Where both moments start. Default 1e-6. */
  readonly initialAccumulatorValue?: Hyperparameter | undefined;
}

/**
 * Adam whose second moment moves by an amount that depends on g² alone, up or down.
 *
 * mₜ = β₁ mₜ₋₁ + (1 − β₁) g, vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g², u = m̂ / (√(v̂ + epsRoot) + eps): where gradients
 * become small, v falls slower than Adam's and the step grows slower. Both moments start at 1e-6, not
 * at zero, as in optax: the first step is not quite zero where the gradient is.
 * Reference: Zaheer et al., 2018,
 * https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByYogi } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByYogi(), scaleByLearningRate(1e-2));
 * ```
 */
export function scaleByYogi({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-3,
  epsRoot = 0,
  initialAccumulatorValue = 1e-6,
}: ScaleByYogiOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByYogi", { b1, b2, eps, epsRoot });
  checkRange("scaleByYogi: initialAccumulatorValue", initialAccumulatorValue, 0);
  return {
    init: (params) =>
      treeTidy(() => {
        const start = (p: Tensor): Tensor => plus(zerosLike(p), initialAccumulatorValue);
        return {
          count: zeroCount(),
          mu: mapTensors(start, params),
          nu: mapTensors(start, params),
        };
      }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const step = oneMinus(b2);
        const nu = mapTensors(
          (g, v) => {
            const g2 = square(g);
            return sub(v, times(mul(sign(sub(v, g2)), g2), step));
          },
          grads,
          state.nu,
        );
        const mean = correctedMean(b1, count, false);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (m, v, g) => div(mean(m, g), rootOf(v, { eps, epsRoot }, c2)),
          mu,
          nu,
          grads,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
