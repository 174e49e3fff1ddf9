import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clone,
  div,
  mul,
  pow,
  sqrt,
  square,
  sub,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, plus, times } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The state of {@link scaleByMadgrad}. */
export type ScaleByMadgradState = {
  readonly count: Scalar;
  /** The weighted sum of squared gradients. */
  readonly nu: TensorTree;
  /** The weighted sum of gradients. */
  readonly sum: TensorTree;
  /** The parameters at the start. */
  readonly x0: TensorTree;
};

/** Options of {@link scaleByMadgrad}. */
export interface ScaleByMadgradOptions {
  /** The step size, a number or a schedule; it weighs the sums and so belongs inside. */
  readonly learningRate: LearningRate;
  /** The share of the old parameters in the new ones, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
  /** Added to the learning rate and to the cube root. Default 1e-6. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Moves towards the point that dual averaging, from the start, assigns to all gradients so far.
 *
 * λₜ = (η + eps) √t; s ← s + λ g, ν ← ν + λ g²; z = θ₀ − s / (∛ν + eps); u = (1 − μ)(z − θ).
 *
 * Gives finished updates, to be added; `update` needs the parameters. eps is added to η too, as in the
 * authors' code and optax. Reference: Defazio and Jelassi, 2022, https://arxiv.org/abs/2101.11075.
 *
 * @example
 * ```ts
 * import { addDecayedWeights, chain, scaleByMadgrad } from "@layerwise/optim";
 *
 * const optimizer = chain(addDecayedWeights(1e-4), scaleByMadgrad({ learningRate: 0.01 }));
 * ```
 */
export function scaleByMadgrad(
  options: ScaleByMadgradOptions,
): GradientTransformation<ScaleByMadgradState> {
  const {
    learningRate,
    momentum = 0.9,
    eps = 1e-6,
  }: Partial<ScaleByMadgradOptions> = options ?? {};
  checkLearningRate("scaleByMadgrad", learningRate);
  checkRange("scaleByMadgrad: momentum", momentum, 0, 1);
  checkRange("scaleByMadgrad: eps", eps, 0);
  return {
    init: (params) => ({
      count: zeroCount(),
      nu: mapTensors(zerosLike, params),
      sum: mapTensors(zerosLike, params),
      x0: mapTensors(clone, params),
    }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("scaleByMadgrad", params);
        const count = nextCount(state.count);
        const rate = plus(learningRateAt(learningRate, state.count), eps);
        const weight = mul(rate, sqrt(cast(count, "float32")));
        const sum = mapTensors((g, s) => add(s, mul(weight, g)), grads, state.sum);
        const nu = mapTensors((g, v) => add(v, mul(weight, square(g))), grads, state.nu);
        const third = constant(1 / 3);
        const step = (s: Tensor, v: Tensor, start: Tensor, p: Tensor): Tensor =>
          times(sub(sub(start, p), div(s, plus(pow(v, third), eps))), oneMinus(momentum));
        const updates = mapTensors(step, sum, nu, state.x0, wanted);
        const x0 = mapTensors(clone, state.x0);
        return { updates, state: { count, nu, sum, x0 } };
      }),
  };
}
