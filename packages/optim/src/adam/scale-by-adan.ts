import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, clone, div, equal, scalar, sub, where, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkFinite, checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averageOf, averageOfSquares, checkMoments, rootOf } from "./moments.ts";

/** The state of {@link scaleByAdan}. */
export type ScaleByAdanState = {
  readonly count: Scalar;
  /** The moving average of gradients, m. */
  readonly mu: TensorTree;
  /** The moving average of differences of successive gradients, v. */
  readonly delta: TensorTree;
  /** The moving average of squared look-ahead gradients, n. */
  readonly nu: TensorTree;
  /** The gradient before. */
  readonly previous: TensorTree;
};

/** Options of {@link scaleByAdan}. */
export interface ScaleByAdanOptions {
  /** Decay of the gradient's average. Default 0.98. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the average difference. Default 0.92. */
  readonly b2?: Hyperparameter | undefined;
  /** Decay of the squared look-ahead gradient's average. Default 0.99. */
  readonly b3?: Hyperparameter | undefined;
  /** Added to the root, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Added under the root, after bias correction. Default 0. */
  readonly epsRoot?: Hyperparameter | undefined;
  /** Factor of the difference in the look-ahead. Default `b2`; optax has 1 − `b2`. */
  readonly ahead?: Hyperparameter | undefined;
}

/**
 * Adam with Nesterov's momentum, estimated from differences of successive gradients.
 *
 * d = gₜ − gₜ₋₁ (zero at the first step), m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) d,
 * n = β₃ n + (1 − β₃) (g + β₂ d)², u = (m̂ + β₂ v̂) / (√(n̂ + epsRoot) + eps).
 *
 * β is the part that an average *keeps*, as in the authors' code; the paper's β is 1 minus ours. optax
 * looks ahead by 0.08 d and not by 0.92 d: `{ ahead: 1 - b2, epsRoot: 1e-8 }` is its `adan`.
 * Reference: Xie et al., 2022, https://arxiv.org/abs/2208.06677, algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, scaleByAdan, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdan(), scaleByLearningRate(1e-2));
 * ```
 */
export function scaleByAdan({
  b1 = 0.98,
  b2 = 0.92,
  b3 = 0.99,
  eps = 1e-8,
  epsRoot = 0,
  ahead = b2,
}: ScaleByAdanOptions = {}): GradientTransformation<ScaleByAdanState> {
  checkMoments("scaleByAdan", { b1, b2, eps, epsRoot });
  checkRange("scaleByAdan: b3", b3, 0, 1);
  checkFinite("scaleByAdan: ahead", ahead);
  return {
    init: (params) => ({
      count: zeroCount(),
      mu: mapTensors(zerosLike, params),
      delta: mapTensors(zerosLike, params),
      nu: mapTensors(zerosLike, params),
      previous: mapTensors(zerosLike, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const first = equal(state.count, scalar(0, "int32"));
        const count = nextCount(state.count);
        const difference = mapTensors(
          (g, p) => where(first, zerosLike(g), sub(g, p)),
          grads,
          state.previous,
        );
        const mu = averageOf(b1, state.mu, grads);
        const delta = averageOf(b2, state.delta, difference);
        const lookAhead = mapTensors((g, d) => add(g, times(d, ahead)), grads, difference);
        const nu = averageOfSquares(b3, state.nu, lookAhead);
        const c1 = biasCorrection(b1, count);
        const c2 = biasCorrection(b2, count);
        const c3 = biasCorrection(b3, count);
        const updates = mapTensors(
          (m, v, n) =>
            div(add(div(m, c1), times(div(v, c2), ahead)), rootOf(n, { eps, epsRoot }, c3)),
          mu,
          delta,
          nu,
        );
        const previous = mapTensors(clone, grads);
        return { updates, state: { count, mu, delta, nu, previous } };
      }),
  };
}
