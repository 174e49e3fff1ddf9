import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { clone, equal, scalar, where, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, tensorOf } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { requireExtra, type ValueExtra } from "../core/extras.ts";
import { learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeDot, treeSquaredNorm } from "../core/tree-sums.ts";
import { checkModel, type MomoModelOptions, modelStep } from "./momo-model.ts";

/** The state of {@link momo}. */
export type MomoState = {
  readonly count: Scalar;
  /** The moving average of gradients, d. */
  readonly mu: TensorTree;
  /** The moving average of losses, f̄. */
  readonly value: Tensor;
  /** The moving average of ⟨g, θ⟩. */
  readonly gamma: Tensor;
  /** The bound below the loss, f*. */
  readonly lowerBound: Tensor;
};

/** Options of {@link momo}. */
export interface MomoOptions extends MomoModelOptions {
  /** Decay of the averages. Default 0.9. */
  readonly beta?: Hyperparameter | undefined;
}

/**
 * MoMo: descent along the average gradient d with the step size at which a model of the loss, built
 * from the averages of losses and gradients, meets a bound f* below the loss.
 *
 * With averages that start at their first values, d of g, f̄ of f and γ of ⟨g, θ⟩, and c = 1 + η λ:
 * τ = min(η, max(c (f̄ − f* − γ) + ⟨d, θ⟩, 0) / ‖d‖²), θ ← θ / c − τ d.
 *
 * `update` needs the parameters and the loss, `{ value }`.
 * Reference: Schaipp et al., 2023, https://arxiv.org/abs/2305.07583, algorithm 1.
 *
 * @example
 * ```ts
 * import { momo } from "@layerwise/optim";
 *
 * const optimizer = momo({ learningRate: 1 });
 * ```
 */
export function momo(options: MomoOptions = {}): GradientTransformation<MomoState, ValueExtra> {
  const { learningRate = 1, beta = 0.9, lowerBound = 0 } = options;
  checkLearningRate("momo", learningRate);
  checkRange("momo: beta", beta, 0, 1);
  checkModel("momo", options);
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        mu: mapTensors(zerosLike, params),
        value: scalar(0),
        gamma: scalar(0),
        lowerBound: clone(tensorOf(lowerBound)),
      })),
    update: (grads, state, params, extra) =>
      treeTidy(() => {
        const wanted = requireParams("momo", params);
        const decay = where(equal(state.count, scalar(0, "int32")), 0, tensorOf(beta));
        const mu = mapTensors((g, d) => movingAverage(decay, d, g), grads, state.mu);
        const loss = requireExtra("momo", extra, "value").value;
        const value = movingAverage(decay, state.value, loss);
        const gamma = movingAverage(decay, state.gamma, treeDot(grads, wanted));
        const { updates, lowerBound: bound } = modelStep(options, {
          rate: learningRateAt(learningRate, state.count),
          value,
          gamma,
          inner: treeDot(mu, wanted),
          squaredNorm: treeSquaredNorm(mu),
          lowerBound: state.lowerBound,
          direction: mu,
          params: wanted,
        });
        const count = nextCount(state.count);
        return { updates, state: { count, mu, value, gamma, lowerBound: bound } };
      }),
  };
}
