import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, clone, equal, mul, scalar, sub, where, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkFinite } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByOptimisticGradient}: the number of updates and the last gradient. */
export type ScaleByOptimisticGradientState = {
  readonly count: Scalar;
  readonly previous: TensorTree;
};

/** Options of {@link scaleByOptimisticGradient}. */
export interface ScaleByOptimisticGradientOptions {
  /** The weight α of the gradient. Default 1. */
  readonly alpha?: Hyperparameter | undefined;
  /** The weight β of its change since the last update. Default 1. */
  readonly beta?: Hyperparameter | undefined;
}

/**
 * Extrapolates gradients by their last change: u = α gₜ + β (gₜ − gₜ₋₁), with g₀ = g₁.
 *
 * Damps the rotation around saddle points of games that plain gradients follow for ever.
 * Reference: Mokhtari et al., 2020, https://arxiv.org/abs/1901.08511.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByOptimisticGradient } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByOptimisticGradient(), scaleByLearningRate(0.1));
 * ```
 */
export function scaleByOptimisticGradient({
  alpha = 1,
  beta = 1,
}: ScaleByOptimisticGradientOptions = {}): GradientTransformation<ScaleByOptimisticGradientState> {
  checkFinite("scaleByOptimisticGradient: alpha", alpha);
  checkFinite("scaleByOptimisticGradient: beta", beta);
  return {
    init: (params) => ({ count: zeroCount(), previous: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const first = equal(state.count, scalar(0, "int32"));
        const [a, b] = [tensorOf(alpha), tensorOf(beta)];
        const updates = mapTensors(
          (g, old) => add(mul(a, g), mul(b, where(first, zerosLike(g), sub(g, old)))),
          grads,
          state.previous,
        );
        const previous = mapTensors(clone, grads);
        return { updates, state: { count: nextCount(state.count), previous } };
      }),
  };
}
