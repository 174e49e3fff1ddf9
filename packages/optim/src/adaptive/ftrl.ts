import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  div,
  lessEqual,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  sqrt,
  square,
  sub,
  tidy,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { fullLike } from "../core/full-like.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors, mapTensorsTo } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The state of {@link ftrl}. */
export type FtrlState = {
  readonly count: Scalar;
  /** The sum n of squared gradients. */
  readonly sumOfSquares: TensorTree;
  /** The linear term z: the sum of gradients less σ θ of every step. */
  readonly linear: TensorTree;
};

/** Options of {@link ftrl}. */
export interface FtrlOptions {
  /** The step size α, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Added to the root of the sum of squares. Default 1. */
  readonly beta?: Hyperparameter | undefined;
  /** The weight λ₁ of the absolute values, which makes parameters exactly zero. Default 0. */
  readonly l1?: Hyperparameter | undefined;
  /** The weight λ₂ of half the squares. Default 0. */
  readonly l2?: Hyperparameter | undefined;
  /** An L2 penalty on the gradients of z alone, 2 · l2Shrinkage · θ. Default 0. */
  readonly l2Shrinkage?: Hyperparameter | undefined;
  /** The negative power of the sum of squares that scales the step, at most 0. Default −0.5. */
  readonly learningRatePower?: number | undefined;
  /** The sum of squares before the first update. Default 0. */
  readonly initialAccumulatorValue?: Hyperparameter | undefined;
}

/**
 * Follow the regularized leader, proximal: z ← z + g − σ θ with σ = (√(n + g²) − √n) / α,
 * n ← n + g²; θ ← 0 where |z| ≤ λ₁, else (sign(z) λ₁ − z) / ((β + √n) / α + λ₂).
 *
 * Online learning with sparse parameters. The rule solves for θ anew at each step: it means to start at
 * θ = 0, and forgets another start, also without a gradient. Defaults of the paper; Keras and
 * TensorFlow have `beta: 0`, `initialAccumulatorValue: 0.1` and an l2 of half ours.
 * Reference: McMahan et al., 2013, https://doi.org/10.1145/2487575.2488200, algorithm 1.
 *
 * @example
 * ```ts
 * import { ftrl } from "@layerwise/optim";
 *
 * const optimizer = ftrl({ learningRate: 0.1, l1: 1e-3 });
 * ```
 */
export function ftrl(options: FtrlOptions): GradientTransformation<FtrlState> {
  const {
    learningRate,
    beta = 1,
    l1 = 0,
    l2 = 0,
    l2Shrinkage = 0,
    learningRatePower = -0.5,
    initialAccumulatorValue = 0,
  }: Partial<FtrlOptions> = options ?? {};
  checkLearningRate("ftrl", learningRate);
  for (const [name, value] of Object.entries({ beta, l1, l2, l2Shrinkage })) {
    checkRange(`ftrl: ${name}`, value, 0);
  }
  if (!(learningRatePower <= 0)) {
    throw new Error(`ftrl: learningRatePower: expected a number <= 0, got ${learningRatePower}`);
  }
  checkRange("ftrl: initialAccumulatorValue", initialAccumulatorValue, 0);
  const root = (n: Tensor): Tensor =>
    learningRatePower === -0.5 ? sqrt(n) : tidy(() => pow(n, tensorOf(-learningRatePower)));
  return {
    init: (params) => ({
      count: zeroCount(),
      sumOfSquares: mapTensors((p) => fullLike(p, initialAccumulatorValue), params),
      linear: mapTensors(zerosLike, params),
    }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const rate = learningRateAt(learningRate, state.count);
        const threshold = tensorOf(l1);
        const { updates, sumOfSquares, linear } = mapTensorsTo(
          ["updates", "sumOfSquares", "linear"],
          (g, n, z, p) => {
            const shrunk = l2Shrinkage === 0 ? g : add(g, times(mul(p, 2), l2Shrinkage));
            const sumOfSquares = add(n, square(g));
            const sigma = div(sub(root(sumOfSquares), root(n)), rate);
            const linear = sub(add(z, shrunk), mul(sigma, p));
            const clipped = minimum(maximum(linear, neg(threshold)), threshold);
            const curvature = plus(div(plus(root(sumOfSquares), beta), rate), l2);
            const next = where(
              lessEqual(abs(linear), threshold),
              zerosLike(p),
              div(sub(clipped, linear), curvature),
            );
            return { updates: sub(next, p), sumOfSquares, linear };
          },
          grads,
          state.sumOfSquares,
          state.linear,
          requireParams("ftrl", params),
        );
        return {
          updates,
          state: { count: nextCount(state.count), sumOfSquares, linear },
        };
      }),
  };
}
