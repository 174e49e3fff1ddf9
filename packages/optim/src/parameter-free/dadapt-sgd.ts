import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  equal,
  maximum,
  mul,
  scalar,
  sub,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { type Hyperparameter, oneMinus, times } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeDot } from "../core/tree-sums.ts";
import { ratioOrZero } from "./ratio-or-zero.ts";

/** The state of {@link dadaptSgd}. */
export type DadaptSgdState = {
  readonly count: Scalar;
  /** The parameters at the start, x₀. */
  readonly initParams: TensorTree;
  /** The sum of gradients, each times the step size of its time, s. */
  readonly gradSum: TensorTree;
  /** The norm of the first gradient that is not zero, 0 before. */
  readonly firstNorm: Tensor;
  /** The estimate d of the distance to the solution. */
  readonly estimLr: Tensor;
  /** The numerator of that estimate. */
  readonly numerator: Tensor;
};

/** Options of {@link dadaptSgd}. */
export interface DadaptSgdOptions {
  /** Factor of the estimated step size, a number or a schedule. Default 1. */
  readonly learningRate?: LearningRate | undefined;
  /** Weight of the old parameters in the average that is the new ones, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
  /** The first estimate d₀, too small rather than too large. Default 1e-6. */
  readonly estimLr0?: Hyperparameter | undefined;
}

/**
 * Gradient descent with a step size by D-Adaptation, in the form with momentum that the authors'
 * package has. With γ = d η / ‖g₁‖:
 *
 * r ← r + γ ⟨g, s⟩, s ← s + γ g, d ← max(d, 2 r / ‖s‖), z = x₀ − s, θ ← μ θ + (1 − μ) z.
 *
 * The 2 is the package's: r / ‖s‖ is the lower bound of the distance, so that d may reach twice the
 * distance. `update` needs the parameters.
 * Reference: Defazio and Mishchenko, 2023, https://arxiv.org/abs/2301.07733.
 *
 * @example
 * ```ts
 * import { dadaptSgd } from "@layerwise/optim";
 *
 * const optimizer = dadaptSgd();
 * ```
 */
export function dadaptSgd({
  learningRate = 1,
  momentum = 0.9,
  estimLr0 = 1e-6,
}: DadaptSgdOptions = {}): GradientTransformation<DadaptSgdState> {
  checkLearningRate("dadaptSgd", learningRate);
  checkRange("dadaptSgd: momentum", momentum, 0, 1);
  checkRange("dadaptSgd: estimLr0", estimLr0, Number.MIN_VALUE);
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        initParams: mapTensors(clone, params),
        gradSum: mapTensors(zerosLike, params),
        firstNorm: scalar(0),
        estimLr: learningRateAt(estimLr0, scalar(0)),
        numerator: scalar(0),
      })),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("dadaptSgd", params);
        const firstNorm = where(equal(state.firstNorm, 0), globalNorm(grads), state.firstNorm);
        const scaled = mul(state.estimLr, learningRateAt(learningRate, state.count));
        const rate = ratioOrZero(scaled, firstNorm);
        const gained = mul(rate, treeDot(grads, state.gradSum));
        const numerator = add(state.numerator, gained);
        const gradSum = mapTensors((g, s) => add(s, mul(rate, g)), grads, state.gradSum);
        const bound = ratioOrZero(times(numerator, 2), globalNorm(gradSum));
        const estimLr = maximum(state.estimLr, bound);
        // θ' − θ = (1 − μ) (x₀ − s − θ)
        const updates = mapTensors(
          (s, p0, p) => times(sub(sub(p0, p), s), oneMinus(momentum)),
          gradSum,
          state.initParams,
          wanted,
        );
        const count = nextCount(state.count);
        const initParams = mapTensors(clone, state.initParams);
        return {
          updates,
          state: { count, initParams, gradSum, firstNorm, estimLr, numerator },
        };
      }),
  };
}
