import { constant, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, eye, mul, ones, pow, reshape, square, sum } from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import {
  initPerParameter,
  type ParameterStates,
  updatePerParameter,
} from "../core/per-parameter.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { gramAlong, multiplyAlong, shapeAlong, unfolded } from "./along-axis.ts";
import { inverseRoot } from "./inverse-root.ts";

/** The state of {@link scaleByShampoo}. */
export type ScaleByShampooState = {
  /** For each parameter the statistics of each axis: a matrix, or a vector where only its diagonal is kept. */
  readonly statistics: ParameterStates;
};

/** Options of {@link scaleByShampoo}. */
export interface ScaleByShampooOptions {
  /** Decay of the statistics, 1 for sums as in the paper. Default 1. */
  readonly b2?: Hyperparameter | undefined;
  /** The multiple of I that statistics start at. Default 1e-4. */
  readonly eps?: Hyperparameter | undefined;
  /** The multiple of I that is added before a root, relative to the norm. Default 1e-6. */
  readonly ridge?: number | undefined;
  /** Of longer axes only the diagonal of the statistics is kept. Default 1024. */
  readonly maxPreconditionerSize?: number | undefined;
}

/**
 * Preconditions gradients along each of their axes: for a matrix u = L^(−1/4) G R^(−1/4), with
 * L ← L + G Gᵀ, R ← R + Gᵀ G from ε I.
 *
 * A tensor of k axes has k factors with exponent −1/(2k); vectors get full-matrix AdaGrad, scalars
 * AdaGrad. Long axes keep only the diagonal (the paper's diagonal variant).
 *
 * Roots are computed at every step, by a coupled Newton iteration of matrix products, so that the step
 * compiles for every backend; other libraries use an eigendecomposition every few steps. `ridge`
 * bounds the condition number for the sake of float32. {@link graft} gives updates the length of
 * another rule's.
 * Reference: Gupta, Koren and Singer, 2018, https://arxiv.org/abs/1802.09568, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByShampoo } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByShampoo({ b2: 0.99 }), scaleByLearningRate(1e-2));
 * ```
 */
export function scaleByShampoo({
  b2 = 1,
  eps = 1e-4,
  ridge = 1e-6,
  maxPreconditionerSize = 1024,
}: ScaleByShampooOptions = {}): GradientTransformation<ScaleByShampooState> {
  if (b2 !== 1) checkRange("scaleByShampoo: b2", b2, 0, 1);
  checkRange("scaleByShampoo: eps", eps, 0);
  checkRange("scaleByShampoo: ridge", ridge, Number.MIN_VALUE, 1);
  checkSteps("scaleByShampoo: maxPreconditionerSize", maxPreconditionerSize);
  const axes = (x: Tensor): readonly number[] => (x.rank === 0 ? [1] : x.shape);
  return {
    init: (params) =>
      treeTidy(() => ({
        statistics: initPerParameter(
          (p) =>
            axes(p).map((size) =>
              times(size > maxPreconditionerSize ? ones([size]) : eye(size), eps),
            ),
          params,
        ),
      })),
    update: (grads, state) =>
      treeTidy(() => {
        const keep = tensorOf(b2);
        const weight = b2 === 1 ? constant(1) : tensorOf(oneMinus(b2));
        const rule = (grad: Tensor, before: readonly Tensor[]) => {
          const g = reshape(grad, [...axes(grad)]);
          const exponent = constant(-1 / (2 * g.rank));
          const statistics = before.map((statistic, axis) => {
            const now =
              statistic.rank === 2 ? gramAlong(g, axis) : sum(square(unfolded(g, axis)), 1);
            return add(mul(keep, statistic), mul(weight, now));
          });
          const u = statistics.reduce<Tensor>((x, statistic, axis) => {
            if (statistic.rank === 2) {
              return multiplyAlong(x, axis, inverseRoot(statistic, 2 * g.rank, ridge));
            }
            return mul(x, reshape(pow(statistic, exponent), shapeAlong(g, axis)));
          }, g);
          return { update: reshape(u, grad.shape), state: statistics };
        };
        const { updates, states } = updatePerParameter(rule, grads, state.statistics);
        return { updates, state: { statistics: states } };
      }),
  };
}
