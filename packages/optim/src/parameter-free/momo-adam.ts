import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { clone, div, scalar, sqrt, square, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus, tensorOf } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { requireExtra, type ValueExtra } from "../core/extras.ts";
import { learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeDot } from "../core/tree-sums.ts";
import { checkModel, type MomoModelOptions, modelStep } from "./momo-model.ts";

/** The state of {@link momoAdam}. */
export type MomoAdamState = {
  readonly count: Scalar;
  /** The moving average of gradients, d. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients, v. */
  readonly nu: TensorTree;
  /** The moving average of losses, f̄. */
  readonly value: Tensor;
  /** The moving average of ⟨g, θ⟩. */
  readonly gamma: Tensor;
  /** The bound below the loss, f*. */
  readonly lowerBound: Tensor;
};

/** Options of {@link momoAdam}. */
export interface MomoAdamOptions extends MomoModelOptions {
  /** Decay of the first moment, and of losses. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * MoMo-Adam: `momo` in the norm of Adam's denominators D = √(v / (1 − β₂ᵗ)) + eps.
 *
 * With averages that start at 0 and have gathered the weight ρ = 1 − β₁ᵗ, and c = 1 + η λ:
 * τ = min(η / ρ, max(c (f̄ − ρ f* − γ) + ⟨d, θ⟩, 0) / ⟨d, d / D⟩), θ ← θ / c − τ d / D.
 *
 * Where the loss is far above the bound this is Adam with the step size η. `update` needs the
 * parameters and the loss, `{ value }`.
 * Reference: Schaipp et al., 2023, https://arxiv.org/abs/2305.07583, algorithm 2.
 *
 * @example
 * ```ts
 * import { momoAdam } from "@layerwise/optim";
 *
 * const optimizer = momoAdam({ learningRate: 1e-2 });
 * ```
 */
export function momoAdam(
  options: MomoAdamOptions = {},
): GradientTransformation<MomoAdamState, ValueExtra> {
  const { learningRate = 1e-2, b1 = 0.9, b2 = 0.999, eps = 1e-8, lowerBound = 0 } = options;
  checkLearningRate("momoAdam", learningRate);
  checkRange("momoAdam: b1", b1, 0, 1);
  checkRange("momoAdam: b2", b2, 0, 1);
  checkRange("momoAdam: eps", eps, Number.MIN_VALUE);
  checkModel("momoAdam", options);
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        mu: mapTensors(zerosLike, params),
        nu: mapTensors(zerosLike, params),
        value: scalar(0),
        gamma: scalar(0),
        lowerBound: clone(tensorOf(lowerBound)),
      })),
    update: (grads, state, params, extra) =>
      treeTidy(() => {
        const wanted = requireParams("momoAdam", params);
        const count = nextCount(state.count);
        const mu = mapTensors((g, d) => movingAverage(b1, d, g), grads, state.mu);
        const nu = mapTensors((g, v) => movingAverage(b2, v, square(g)), grads, state.nu);
        const loss = requireExtra("momoAdam", extra, "value").value;
        const value = movingAverage(b1, state.value, loss);
        const gamma = movingAverage(b1, state.gamma, treeDot(grads, wanted));
        const c2 = biasCorrection(b2, count);
        const direction = mapTensors((d, v) => div(d, plus(sqrt(div(v, c2)), eps)), mu, nu);
        const { updates, lowerBound: bound } = modelStep(options, {
          rate: learningRateAt(learningRate, state.count),
          value,
          gamma,
          inner: treeDot(mu, wanted),
          squaredNorm: treeDot(mu, direction),
          lowerBound: state.lowerBound,
          gathered: biasCorrection(b1, count),
          direction,
          params: wanted,
        });
        return { updates, state: { count, mu, nu, value, gamma, lowerBound: bound } };
      }),
  };
}
