import type { TensorTree } from "@layerwise/autodiff";
import { random, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { clone, div, maximum, minimum, where, zerosLike } from "@tensorflow/tfjs-core";
import {
  type Hyperparameter,
  movingAverage,
  negated,
  tensorOf,
  times,
} from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { type HvpExtra, requireExtra } from "../core/extras.ts";
import { isDue } from "../core/is-due.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import type { HutchinsonOptions } from "./hutchinson-diagonal.ts";
import { checkHutchinson, hutchinsonDiagonal } from "./hutchinson-diagonal.ts";

/** The state of {@link scaleBySophia}. */
export type ScaleBySophiaState = {
  readonly count: Scalar;
  /** The key that the probes of all steps are drawn with. */
  readonly key: Tensor;
  /** The moving average of gradients, m. */
  readonly mu: TensorTree;
  /** The moving average of estimates of the Hessian's diagonal, h. */
  readonly hessian: TensorTree;
};

/** Options of {@link scaleBySophia}. */
export interface ScaleBySophiaOptions extends HutchinsonOptions {
  /** Decay of the gradients' average. Default 0.965. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the Hessian's average, by step of `updateInterval`. Default 0.99. */
  readonly b2?: Hyperparameter | undefined;
  /** Factor of the Hessian: the larger, the fewer elements are clipped. Default 0.01. */
  readonly gamma?: Hyperparameter | undefined;
  /** The smallest denominator. Default 1e-12. */
  readonly eps?: Hyperparameter | undefined;
  /** The largest update of an element. Default 1. */
  readonly clipThreshold?: Hyperparameter | undefined;
  /** The number of steps k from one estimate to the next. Default 10. */
  readonly updateInterval?: number | undefined;
  /** The seed of the probes. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Sophia-H: divides the average gradient by the average diagonal of the Hessian and clips the ratio.
 *
 * m ← β₁ m + (1 − β₁) g; at steps 1, k + 1, 2k + 1, …: h ← β₂ h + (1 − β₂) ĥ with Hutchinson's estimate
 * ĥ of {@link hutchinsonDiagonal}; u = clip(m / max(γ h, eps), ±ρ). Where the Hessian is not positive
 * that is the sign of m, times ρ.
 *
 * `update` needs the parameters and the Hessian's product with a vector, `{ hvp }`. A program has no
 * branches: the product is computed at every step and used at every k-th. The paper draws normal
 * probes; random signs, the default here and in optax, have less variance. Of the paper, and not of
 * optax 0.2.8, are: h takes part in the step that updates it, m is not bias-corrected.
 * Reference: Liu et al., 2023, https://arxiv.org/abs/2305.14342, algorithm 3.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleBySophia } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleBySophia({ gamma: 0.05 }), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleBySophia({
  b1 = 0.965,
  b2 = 0.99,
  gamma = 0.01,
  eps = 1e-12,
  clipThreshold = 1,
  updateInterval = 10,
  seed = 0,
  distribution = "rademacher",
  samples = 1,
}: ScaleBySophiaOptions = {}): GradientTransformation<ScaleBySophiaState, HvpExtra> {
  checkRange("scaleBySophia: b1", b1, 0, 1);
  checkRange("scaleBySophia: b2", b2, 0, 1);
  checkRange("scaleBySophia: gamma", gamma, 0);
  checkRange("scaleBySophia: eps", eps, Number.MIN_VALUE);
  checkRange("scaleBySophia: clipThreshold", clipThreshold, 0);
  checkSteps("scaleBySophia: updateInterval", updateInterval);
  checkHutchinson("scaleBySophia", { distribution, samples });
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        key: random.key(seed),
        mu: mapTensors(zerosLike, params),
        hessian: mapTensors(zerosLike, params),
      })),
    update: (grads, state, params, extra) =>
      treeTidy(() => {
        const wanted = requireParams("scaleBySophia", params);
        const functions = requireExtra("scaleBySophia", extra, "hvp");
        const product = (vector: TensorTree): TensorTree => functions.hvp(vector);
        const key = random.foldIn(state.key, state.count);
        const diagonal = hutchinsonDiagonal(product, key, wanted, { distribution, samples });
        const due = isDue(state.count, updateInterval);
        const hessian = mapTensors(
          (h, d) => where(due, movingAverage(b2, h, d), h),
          state.hessian,
          diagonal,
        );
        const mu = mapTensors((g, m) => movingAverage(b1, m, g), grads, state.mu);
        const limit = tensorOf(clipThreshold);
        const floor = tensorOf(negated(clipThreshold));
        const updates = mapTensors(
          (m, h) => {
            const ratio = div(m, maximum(times(h, gamma), tensorOf(eps)));
            return minimum(maximum(ratio, floor), limit);
          },
          mu,
          hessian,
        );
        return {
          updates,
          state: { count: nextCount(state.count), key: clone(state.key), mu, hessian },
        };
      }),
  };
}
