import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  div,
  maximum,
  mul,
  neg,
  scalar,
  sqrt,
  square,
  sub,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, oneMinus, plus, times } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeDot, treeL1Norm } from "../core/tree-sums.ts";
import { ratioOrZero } from "./ratio-or-zero.ts";
import { sqrtOf } from "./sqrt-of.ts";

/** The state of {@link dadaptAdamW}. */
export type DadaptAdamWState = {
  readonly count: Scalar;
  /** The moving average of gradients, each times the step size of its time. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
  /** The slower moving average of gradients, each times the step size of its time, s. */
  readonly gradSum: TensorTree;
  /** The estimate d of the distance to the solution. */
  readonly estimLr: Tensor;
  /** The numerator of that estimate. */
  readonly numerator: Tensor;
};

/** Options of {@link dadaptAdamW}. */
export interface DadaptAdamWOptions {
  /** Factor of the estimated step size, a number or a schedule. Default 1. */
  readonly learningRate?: LearningRate | undefined;
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment; its root is that of the estimate. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the root. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** The first estimate d₀, too small rather than too large. Default 1e-6. */
  readonly estimLr0?: Hyperparameter | undefined;
  /** Decoupled decay λ, multiplied by the step size. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * AdamW with a step size by D-Adaptation: a lower bound d of the distance to the solution, which only
 * grows. With γ = d η √(1 − β₂ᵗ) / (1 − β₁ᵗ) and β = √β₂:
 *
 * r ← β r + (1 − β) γ ⟨g, s / (√v + eps)⟩, m ← β₁ m + (1 − β₁) γ g, v ← β₂ v + (1 − β₂) g²,
 * s ← β s + (1 − β) γ g, d ← max(d, r / ((1 − β) ‖s‖₁)), θ ← θ − m / (√v + eps) − λ γ θ.
 *
 * The paper has no bias correction, the authors' package has it as an option; this has it, as optax.
 * Weight decay needs the parameters. A zero gradient at the start leaves d as it is, where optax makes
 * it NaN. Reference: Defazio and Mishchenko, 2023, https://arxiv.org/abs/2301.07733.
 *
 * @example
 * ```ts
 * import { dadaptAdamW } from "@layerwise/optim";
 *
 * const optimizer = dadaptAdamW({ weightDecay: 0.01 });
 * ```
 */
export function dadaptAdamW({
  learningRate = 1,
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  estimLr0 = 1e-6,
  weightDecay = 0,
}: DadaptAdamWOptions = {}): GradientTransformation<DadaptAdamWState> {
  checkLearningRate("dadaptAdamW", learningRate);
  checkRange("dadaptAdamW: b1", b1, 0, 1);
  checkRange("dadaptAdamW: b2", b2, 0, 1);
  checkRange("dadaptAdamW: eps", eps, Number.MIN_VALUE);
  checkRange("dadaptAdamW: estimLr0", estimLr0, Number.MIN_VALUE);
  checkRange("dadaptAdamW: weightDecay", weightDecay, 0);
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        mu: mapTensors(zerosLike, params),
        nu: mapTensors(zerosLike, params),
        gradSum: mapTensors(zerosLike, params),
        estimLr: learningRateAt(estimLr0, scalar(0)),
        numerator: scalar(0),
      })),
    update: (grads, state, params) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const beta = sqrtOf(b2);
        const correction = div(sqrt(biasCorrection(b2, count)), biasCorrection(b1, count));
        const rate = mul(mul(state.estimLr, learningRateAt(learningRate, state.count)), correction);
        const root = (v: Tensor): Tensor => plus(sqrt(v), eps);

        const inner = treeDot(
          grads,
          mapTensors((s, v) => div(s, root(v)), state.gradSum, state.nu),
        );
        const numerator = movingAverage(beta, state.numerator, mul(rate, inner));
        const mu = mapTensors((g, m) => movingAverage(b1, m, mul(rate, g)), grads, state.mu);
        const nu = mapTensors((g, v) => movingAverage(b2, v, square(g)), grads, state.nu);
        const gradSum = mapTensors(
          (g, s) => movingAverage(beta, s, mul(rate, g)),
          grads,
          state.gradSum,
        );
        const bound = ratioOrZero(numerator, times(treeL1Norm(gradSum), oneMinus(beta)));
        const estimLr = maximum(state.estimLr, bound);

        const step = mapTensors((m, v) => neg(div(m, root(v))), mu, nu);
        const updates =
          weightDecay === 0
            ? step
            : mapTensors(
                (u, p) => sub(u, mul(times(rate, weightDecay), p)),
                step,
                requireParams("dadaptAdamW", params),
              );
        return { updates, state: { count, mu, nu, gradSum, estimLr, numerator } };
      }),
  };
}
