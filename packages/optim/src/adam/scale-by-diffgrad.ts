import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { abs, clone, div, mul, sigmoid, sub, zerosLike } from "@tensorflow/tfjs-core";
import { biasCorrection, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  averageOfSquares,
  checkMoments,
  correctedMean,
  rootOf,
  zeroMoments,
} from "./moments.ts";
import type { ScaleByAdamOptions } from "./scale-by-adam.ts";

/** The state of {@link scaleByDiffgrad}. */
export type ScaleByDiffgradState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
  /** The gradient before, zero at first. */
  readonly previous: TensorTree;
};

/** Options of {@link scaleByDiffgrad}. */
export interface ScaleByDiffgradOptions extends Omit<ScaleByAdamOptions, "nesterov"> {}

/**
 * Adam with a friction where the gradient does not change: up to half the step.
 *
 * m̂ and v̂ as in Adam, ξ = 1 / (1 + exp(−|gₜ₋₁ − gₜ|)) with g₀ = 0, u = ξ m̂ / (√(v̂ + epsRoot) + eps). ξ is ½ where
 * the gradient stays the same, near an optimum say, and 1 where it changes fast.
 * Reference: Dubey et al., 2020, https://arxiv.org/abs/1909.11015.
 *
 * @example
 * ```ts
 * import { chain, scaleByDiffgrad, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByDiffgrad(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByDiffgrad({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  epsHat = false,
}: ScaleByDiffgradOptions = {}): GradientTransformation<ScaleByDiffgradState> {
  checkMoments("scaleByDiffgrad", { b1, b2, eps, epsRoot });
  return {
    init: (params) => ({ ...zeroMoments(params), previous: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const mean = correctedMean(b1, count, false);
        const c2 = biasCorrection(b2, count);
        const friction = mapTensors((g, p) => sigmoid(abs(sub(p, g))), grads, state.previous);
        const updates = mapTensors(
          (f, m, v, g) => div(mul(f, mean(m, g)), rootOf(v, { eps, epsRoot, epsHat }, c2)),
          friction,
          mu,
          nu,
          grads,
        );
        return { updates, state: { count, mu, nu, previous: mapTensors(clone, grads) } };
      }),
  };
}
