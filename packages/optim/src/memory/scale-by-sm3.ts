import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  greater,
  max,
  minimum,
  mul,
  rsqrt,
  square,
  where,
  zeros,
  zerosLike,
} from "@tensorflow/tfjs-core";
import {
  type Hyperparameter,
  movingAverage,
  oneMinus,
  plus,
  tensorOf,
} from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { checkLike } from "../core/check-like.ts";
import { mapTensors } from "../core/map.ts";
import {
  initPerParameter,
  type ParameterStates,
  updatePerParameter,
} from "../core/per-parameter.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleBySm3}. */
export type ScaleBySm3State = {
  /** The moving average of updates. */
  readonly mu: TensorTree;
  /** For each parameter one accumulator of squared gradients per axis, of that axis's size. */
  readonly accumulators: ParameterStates;
};

/** Options of {@link scaleBySm3}. */
export interface ScaleBySm3Options {
  /** Decay of the average of updates. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the accumulators, 1 for sums. Default 1. */
  readonly b2?: Hyperparameter | undefined;
  /** Added under the root. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/** For each axis (one for scalars and vectors) the shape of its accumulator. */
function accumulatorShapes({ shape, rank }: Tensor): readonly number[][] {
  if (rank < 2) return [shape];
  return shape.map((size, axis) => shape.map((_, other) => (other === axis ? size : 1)));
}

/**
 * Divides gradients by the root of a bound on AdaGrad's sum of squares that needs one number per row
 * and per column: n + m in place of n · m.
 *
 * ν = min over axes i of aᵢ, + g²; aᵢ ← max of ν over all other axes;
 * u ← β₁ u + (1 − β₁) g / √(ν + eps), 0 where ν is 0.
 *
 * With `b2` below 1 the sum becomes the moving average b2 · min + (1 − b2) g². As optax: eps inside the
 * root, momentum an average of updates. Reference: Anil et al., 2019,
 * https://arxiv.org/abs/1901.11150, algorithm SM3-II.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleBySm3 } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleBySm3(), scaleByLearningRate(0.1));
 * ```
 */
export function scaleBySm3({
  b1 = 0.9,
  b2 = 1,
  eps = 1e-8,
}: ScaleBySm3Options = {}): GradientTransformation<ScaleBySm3State> {
  checkRange("scaleBySm3: b1", b1, 0, 1);
  if (b2 !== 1) checkRange("scaleBySm3: b2", b2, 0, 1);
  checkRange("scaleBySm3: eps", eps, 0);
  return {
    init: (params) => ({
      mu: mapTensors(zerosLike, params),
      accumulators: initPerParameter(
        (p) => accumulatorShapes(p).map((shape) => zeros(shape)),
        params,
      ),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        checkLike("scaleBySm3: gradients", grads, state.mu);
        const keep = tensorOf(b2);
        const weight = b2 === 1 ? constant(1) : tensorOf(oneMinus(b2));
        const rule = (g: Tensor, accumulators: readonly Tensor[]) => {
          const bound = accumulators.reduce((a, b) => minimum(a, b));
          const nu = add(mul(weight, square(g)), mul(keep, bound));
          const axes = g.shape.map((_, axis) => axis);
          return {
            update: mul(g, where(greater(nu, 0), rsqrt(plus(nu, eps)), constant(0))),
            state:
              g.rank < 2
                ? [nu]
                : axes.map((axis) =>
                    max(
                      nu,
                      axes.filter((other) => other !== axis),
                      true,
                    ),
                  ),
          };
        };
        const scaled = updatePerParameter(rule, grads, state.accumulators);
        const mu = mapTensors((u, m) => movingAverage(b1, m, u), scaled.updates, state.mu);
        return { updates: mapTensors(clone, mu), state: { mu, accumulators: scaled.states } };
      }),
  };
}
