import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { div, minimum, mul, zerosLike } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averageOf, averageOfSquares, checkMoments, rootOf, zeroMoments } from "./moments.ts";

/** The state of {@link scaleByAdamod}. */
export type ScaleByAdamodState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
  /** The moving average of step sizes. */
  readonly rate: TensorTree;
};

/** Options of {@link scaleByAdamod}. */
export interface ScaleByAdamodOptions {
  /** The step size, a number or a schedule. It is part of what is bounded. */
  readonly learningRate: LearningRate;
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Decay of the step sizes' average. Default 0.9999. */
  readonly b3?: Hyperparameter | undefined;
  /** Added to the root, *before* bias correction as in the authors' code. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Adam whose step sizes are at most their own average: no jumps at the start of training.
 *
 * m and v as in Adam, η̂ = η √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√v + eps), s = β₃ s + (1 − β₃) η̂, u = min(η̂, s) · m. s starts at
 * zero and is not corrected, which is a warm-up. The learning rate η is inside, so no
 * `scaleByLearningRate` follows; the updates still point uphill.
 * Reference: Ding et al., 2019, https://arxiv.org/abs/1910.12249, and the authors' code.
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByAdamod } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdamod({ learningRate: 1e-3 }), scale(-1));
 * ```
 */
export function scaleByAdamod(
  options: ScaleByAdamodOptions,
): GradientTransformation<ScaleByAdamodState> {
  const {
    learningRate,
    b1 = 0.9,
    b2 = 0.999,
    b3 = 0.9999,
    eps = 1e-8,
  }: Partial<ScaleByAdamodOptions> = options ?? {};
  checkLearningRate("scaleByAdamod", learningRate);
  checkMoments("scaleByAdamod", { b1, b2, eps });
  checkRange("scaleByAdamod: b3", b3, 0, 1);
  return {
    init: (params) => ({ ...zeroMoments(params), rate: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const eta = div(learningRateAt(learningRate, state.count), biasCorrection(b1, count));
        const c2 = biasCorrection(b2, count);
        const now = mapTensors((v) => div(eta, rootOf(v, { eps, epsHat: true }, c2)), nu);
        const rate = averageOf(b3, state.rate, now);
        const updates = mapTensors((m, r, s) => mul(minimum(r, s), m), mu, now, rate);
        return { updates, state: { count, mu, nu, rate } };
      }),
  };
}
