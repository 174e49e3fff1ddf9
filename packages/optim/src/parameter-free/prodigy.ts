import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
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
import { type Hyperparameter, movingAverage, tensorOf, times } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeDot, treeL1Norm } from "../core/tree-sums.ts";
import { ratioOrZero } from "./ratio-or-zero.ts";
import { sqrtOf } from "./sqrt-of.ts";

/** The state of {@link prodigy}. */
export type ProdigyState = {
  readonly count: Scalar;
  /** The parameters at the start, θ₀. */
  readonly initParams: TensorTree;
  /** The moving average of d g. */
  readonly mu: TensorTree;
  /** The moving average of (d g)². */
  readonly nu: TensorTree;
  /** The decayed sum of weighted gradients, s. */
  readonly gradSum: TensorTree;
  /** The estimate d of the distance to the solution. */
  readonly estimLr: Tensor;
  /** The numerator of that estimate, r. */
  readonly numerator: Tensor;
};

/** Options of {@link prodigy}. */
export interface ProdigyOptions {
  /** Factor of the estimated step size, a number or a schedule. Default 1. */
  readonly learningRate?: LearningRate | undefined;
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Decay of the sums of the estimate. Default √b2. */
  readonly b3?: Hyperparameter | undefined;
  /** Added to the root, times d. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** The first estimate d₀, too small rather than too large. Default 1e-6. */
  readonly estimLr0?: Hyperparameter | undefined;
  /** Factor of every later estimate. Default 1. */
  readonly estimLrCoef?: Hyperparameter | undefined;
  /** Decoupled decay λ, multiplied by the step size. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
  /** Keep η out of the denominator of the estimate, for warm-up from small rates. Default false. */
  readonly safeguardWarmup?: boolean | undefined;
}

/**
 * Prodigy: AdamW whose step size is an estimate d of the distance to the solution that grows faster
 * than D-Adaptation's. With γ = d η √(1 − β₂ᵗ) / (1 − β₁ᵗ):
 *
 * r ← β₃ r + (d / d₀) γ ⟨g, θ₀ − θ⟩, s ← β₃ s + (d / d₀) γ g,
 * m ← β₁ m + (1 − β₁) d g, v ← β₂ v + (1 − β₂) (d g)², d ← max(d, c r / ‖s‖₁),
 * θ ← θ − γ m / (√v + d eps) − λ γ θ.
 *
 * With `safeguardWarmup` s gets (d / d₀) d g. The eps is multiplied by the new d, as in optax.
 * `update` needs the parameters. A zero gradient at the start leaves d as it is, where optax makes it
 * NaN. Reference: Mishchenko and Defazio, 2023, https://arxiv.org/abs/2306.06101.
 *
 * @example
 * ```ts
 * import { prodigy } from "@layerwise/optim";
 *
 * const optimizer = prodigy({ weightDecay: 0.01 });
 * ```
 */
export function prodigy({
  learningRate = 1,
  b1 = 0.9,
  b2 = 0.999,
  b3,
  eps = 1e-8,
  estimLr0 = 1e-6,
  estimLrCoef = 1,
  weightDecay = 0,
  safeguardWarmup = false,
}: ProdigyOptions = {}): GradientTransformation<ProdigyState> {
  checkLearningRate("prodigy", learningRate);
  checkRange("prodigy: b1", b1, 0, 1);
  checkRange("prodigy: b2", b2, 0, 1);
  if (b3 !== undefined) checkRange("prodigy: b3", b3, 0, 1);
  checkRange("prodigy: eps", eps, Number.MIN_VALUE);
  checkRange("prodigy: estimLr0", estimLr0, Number.MIN_VALUE);
  checkRange("prodigy: estimLrCoef", estimLrCoef, 0);
  checkRange("prodigy: weightDecay", weightDecay, 0);
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        initParams: mapTensors(clone, params),
        mu: mapTensors(zerosLike, params),
        nu: mapTensors(zerosLike, params),
        gradSum: mapTensors(zerosLike, params),
        estimLr: learningRateAt(estimLr0, scalar(0)),
        numerator: scalar(0),
      })),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("prodigy", params);
        const count = nextCount(state.count);
        const d = state.estimLr;
        const beta = b3 ?? sqrtOf(b2);
        const correction = div(sqrt(biasCorrection(b2, count)), biasCorrection(b1, count));
        const rate = mul(mul(d, learningRateAt(learningRate, state.count)), correction);
        const growth = div(d, tensorOf(estimLr0));

        const moved = mapTensors(sub, state.initParams, wanted);
        const numerator = add(
          times(state.numerator, beta),
          mul(mul(growth, rate), treeDot(grads, moved)),
        );
        const weight = mul(growth, safeguardWarmup ? d : rate);
        const gradSum = mapTensors(
          (g, s) => add(times(s, beta), mul(weight, g)),
          grads,
          state.gradSum,
        );
        const mu = mapTensors((g, m) => movingAverage(b1, m, mul(d, g)), grads, state.mu);
        const nu = mapTensors((g, v) => movingAverage(b2, v, square(mul(d, g))), grads, state.nu);
        const bound = ratioOrZero(times(numerator, estimLrCoef), treeL1Norm(gradSum));
        const estimLr = maximum(d, bound);

        const small = times(estimLr, eps);
        const step = mapTensors((m, v) => neg(mul(rate, div(m, add(sqrt(v), small)))), mu, nu);
        const updates =
          weightDecay === 0
            ? step
            : mapTensors((u, p) => sub(u, mul(times(rate, weightDecay), p)), step, wanted);
        const initParams = mapTensors(clone, state.initParams);
        return {
          updates,
          state: { count, initParams, mu, nu, gradSum, estimLr, numerator },
        };
      }),
  };
}
