import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { div, relu, square, sub, zerosLike } from "@tensorflow/tfjs-core";
import { movingAverage } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { fullLike } from "../core/full-like.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { rootWithEps } from "./root-with-eps.ts";
import type { ScaleByRmsOptions } from "./scale-by-rms.ts";

/** The state of {@link scaleByStddev}. */
export type ScaleByStddevState = {
  /** The number of updates made; only counted where the averages are debiased. */
  readonly count: Scalar | null;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
};

/**
 * Divides gradients by their standard deviation: m ← ρ m + (1 − ρ) g, r ← ρ r + (1 − ρ) g²,
 * u = g / √(r − m² + eps), or g / (√(r − m²) + eps) with `epsInSqrt: false`.
 *
 * The options are those of {@link scaleByRms}. A variance that rounding makes negative counts as 0;
 * optax and PyTorch give NaN there.
 * Reference: Graves, 2013, https://arxiv.org/abs/1308.0850, equation 40.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByStddev } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByStddev({ decay: 0.95 }), scaleByLearningRate(1e-4));
 * ```
 */
export function scaleByStddev({
  decay = 0.9,
  eps = 1e-8,
  epsInSqrt = true,
  initialScale = 0,
  debias = false,
}: ScaleByRmsOptions = {}): GradientTransformation<ScaleByStddevState> {
  checkRange("scaleByStddev: decay", decay, 0, 1);
  checkRange("scaleByStddev: eps", eps, 0);
  checkRange("scaleByStddev: initialScale", initialScale, 0);
  return {
    init: (params) => ({
      count: debias ? zeroCount() : null,
      mu: mapTensors(zerosLike, params),
      nu: mapTensors((p) => fullLike(p, initialScale), params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = state.count && nextCount(state.count);
        const mu = mapTensors((m, g) => movingAverage(decay, m, g), state.mu, grads);
        const nu = mapTensors((v, g) => movingAverage(decay, v, square(g)), state.nu, grads);
        const weight = count && biasCorrection(decay, count);
        const debiased = (x: Tensor): Tensor => (weight ? div(x, weight) : x);
        const updates = mapTensors(
          (g, m, v) => {
            const variance = relu(sub(debiased(v), square(debiased(m))));
            return div(g, rootWithEps(variance, eps, epsInSqrt));
          },
          grads,
          mu,
          nu,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}
