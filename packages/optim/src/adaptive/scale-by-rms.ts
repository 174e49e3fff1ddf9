import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { div, square } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { fullLike } from "../core/full-like.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { rootWithEps } from "./root-with-eps.ts";

/** The state of {@link scaleByRms}. */
export type ScaleByRmsState = {
  /** The number of updates made; only counted where the average is debiased. */
  readonly count: Scalar | null;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
};

/** Options of {@link scaleByRms}. */
export interface ScaleByRmsOptions {
  /** The decay ρ of the average, in [0, 1). Default 0.9. */
  readonly decay?: Hyperparameter | undefined;
  /** Added to the average or to its root. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Whether eps is added under the root. Default true. */
  readonly epsInSqrt?: boolean | undefined;
  /** The average before the first update. Default 0. */
  readonly initialScale?: Hyperparameter | undefined;
  /** Divide the average by 1 − ρᵗ, the weight gathered so far. Default false. */
  readonly debias?: boolean | undefined;
}

/**
 * Divides gradients by the root of their average square: r ← ρ r + (1 − ρ) g²,
 * u = g / √(r + eps), or g / (√r + eps) with `epsInSqrt: false`.
 *
 * The defaults are those of optax. Keras has eps = 1e-7 under the root; PyTorch has ρ = 0.99 and eps
 * outside; TensorFlow 1 starts the average at 1. `debias` with eps outside is Adam without its
 * first moment.
 * Reference: Hinton, 2012, lecture 6e,
 * https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByRms } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByRms({ decay: 0.99 }), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByRms({
  decay = 0.9,
  eps = 1e-8,
  epsInSqrt = true,
  initialScale = 0,
  debias = false,
}: ScaleByRmsOptions = {}): GradientTransformation<ScaleByRmsState> {
  checkRange("scaleByRms: decay", decay, 0, 1);
  checkRange("scaleByRms: eps", eps, 0);
  checkRange("scaleByRms: initialScale", initialScale, 0);
  return {
    init: (params) => ({
      count: debias ? zeroCount() : null,
      nu: mapTensors((p) => fullLike(p, initialScale), params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = state.count && nextCount(state.count);
        const nu = mapTensors((v, g) => movingAverage(decay, v, square(g)), state.nu, grads);
        const weight = count && biasCorrection(decay, count);
        const updates = mapTensors(
          (g, v) => div(g, rootWithEps(weight ? div(v, weight) : v, eps, epsInSqrt)),
          grads,
          nu,
        );
        return { updates, state: { count, nu } };
      }),
  };
}
