import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, cast, div, maximum, minimum, mul, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, times } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averageOf, averageOfSquares, checkMoments, rootOf, zeroMoments } from "./moments.ts";

/** The state of {@link scaleByAdabound}. */
export type ScaleByAdaboundState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
  /** The largest second moment so far; empty without `amsbound`. */
  readonly nuMax: TensorTree | null;
};

/** Options of {@link scaleByAdabound}. */
export interface ScaleByAdaboundOptions {
  /** The step size of Adam, a number or a schedule. It is part of what is bounded. */
  readonly learningRate: LearningRate;
  /** The step size of SGD that the bounds approach, a number or a schedule. Default 0.1. */
  readonly finalLearningRate?: LearningRate | undefined;
  /** How fast they do. Default 1e-3. */
  readonly gamma?: Hyperparameter | undefined;
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, *before* bias correction as in the authors' code. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Added under the root, before bias correction. Default 0. */
  readonly epsRoot?: Hyperparameter | undefined;
  /** Use the largest second moment so far, as in AMSGrad. Default false. */
  readonly amsbound?: boolean | undefined;
}

/**
 * Adam whose step sizes are clipped to a band that narrows to one number: from Adam to SGD with momentum.
 *
 * m and v as in Adam, u = clip(η √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√v + eps), η∞ (1 − 1/(γ t + 1)), η∞ (1 + 1/(γ t))) · m. The
 * learning rate η is inside, so no `scaleByLearningRate` follows; the updates still point uphill.
 * Reference: Luo et al., 2019, https://arxiv.org/abs/1902.09843, and the authors' code.
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByAdabound } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdabound({ learningRate: 1e-3 }), scale(-1));
 * ```
 */
export function scaleByAdabound(
  options: ScaleByAdaboundOptions,
): GradientTransformation<ScaleByAdaboundState> {
  const {
    learningRate,
    finalLearningRate = 0.1,
    gamma = 1e-3,
    b1 = 0.9,
    b2 = 0.999,
    eps = 1e-8,
    epsRoot = 0,
    amsbound = false,
  }: Partial<ScaleByAdaboundOptions> = options ?? {};
  checkLearningRate("scaleByAdabound", learningRate);
  checkLearningRate("scaleByAdabound: finalLearningRate", finalLearningRate);
  checkMoments("scaleByAdabound", { b1, b2, eps, epsRoot });
  checkRange("scaleByAdabound: gamma", gamma, 0);
  return {
    init: (params) => ({
      ...zeroMoments(params),
      nuMax: amsbound ? mapTensors(zerosLike, params) : null,
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const nuMax = state.nuMax === null ? null : mapTensors(maximum, nu, state.nuMax);

        const final = learningRateAt(finalLearningRate, state.count);
        const time = times(cast(count, "float32"), gamma);
        const low = mul(final, div(time, plus(time, 1)));
        const high = mul(final, add(constant(1), div(constant(1), time)));
        const rate = div(learningRateAt(learningRate, state.count), biasCorrection(b1, count));
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (m, v) => {
            const step = div(rate, rootOf(v, { eps, epsRoot, epsHat: true }, c2));
            return mul(minimum(maximum(step, low), high), m);
          },
          mu,
          nuMax ?? nu,
        );
        return { updates, state: { count, mu, nu, nuMax } };
      }),
  };
}
