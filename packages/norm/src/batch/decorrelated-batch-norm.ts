import { constant, treeMap, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clone,
  div,
  eye,
  matMul,
  mean,
  mul,
  reshape,
  scalar,
  sqrt,
  sub,
  sum,
  tidy,
  transpose,
  zeros,
} from "@tensorflow/tfjs-core";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { channelsOf } from "../core/axes.ts";
import { checkBatch, checkCount, checkEnough, checkEps } from "../core/check.ts";
import { batchWeight, follow, type Momentum } from "../core/running.ts";
import { center } from "../core/standardize.ts";

/** Options of {@link decorrelatedBatchNorm}. */
export interface DecorrelatedBatchNormOptions extends AffineOptions {
  /** Added to the diagonal of the covariance. Default 1e-5. */
  readonly eps?: number | undefined;
  /** Newton steps towards Σ^(−1/2). Default 5, as the second paper. */
  readonly iterations?: number | undefined;
  /** Default `{ weightOfBatch: 0.1 }`. */
  readonly momentum?: Momentum | undefined;
}

/** Running mean [channels], whitening matrix [channels, channels] and batches seen, int32. */
export type DecorrelatedState = {
  readonly mean: Tensor;
  readonly whitening: Tensor;
  readonly steps: Tensor;
};

/**
 * Decorrelated batch normalisation: batch normalisation that also removes the correlations between
 * channels (ZCA whitening).
 *
 * y = γ (x − μ) Σ^(−1/2) + β with Σ = 1/m Σᵢ (xᵢ − μ)(xᵢ − μ)ᵀ + ε I. The inverse root is Newton's
 * P ← (3 P − P³ Σ / tr Σ) / 2 from P = I, over √tr Σ: products of matrices only, differentiated
 * through. Few steps whiten the strong directions and leave the weak ones, which regularises; with
 * condition number κ and c channels, about log₂ (κ c) + 5 steps whiten all.
 *
 * Input [batch, ..., channels], channels last. The running state is the mean and the whitening matrix.
 *
 * References: Huang et al., 2018, https://arxiv.org/abs/1804.08450 (ZCA); Huang et al., 2019,
 * https://arxiv.org/abs/1904.03441 (Newton's iteration, algorithm 1).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { decorrelatedBatchNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = decorrelatedBatchNorm({ iterations: 20 });
 * const x = tf.tensor2d([[1, 1], [-1, -1], [1, 0.5], [-1, -0.5]]);
 * const { y } = layer.apply(layer.init(random.key(0), [2]), x, { training: true });
 * const covariance = tf.div(tf.matMul(y as tf.Tensor2D, y as tf.Tensor2D, true), 4).dataSync();
 * if (Math.abs(covariance[1] ?? 0) > 1e-3) throw new Error(`${covariance}`);
 * ```
 */
export function decorrelatedBatchNorm(
  options: DecorrelatedBatchNormOptions = {},
): Layer<AffineParams, DecorrelatedState> {
  const { eps = 1e-5, iterations = 5, momentum = { weightOfBatch: 0.1 } } = options;
  const kind = "decorrelatedBatchNorm";
  checkEps(kind, eps);
  checkCount(kind, "iterations", iterations);
  const weightAt = batchWeight(kind, momentum);
  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const channels = channelsOf(kind, inputShape, false);
        const state = {
          mean: zeros([channels]),
          whitening: eye(channels),
          steps: scalar(0, "int32"),
        };
        return { params: initAffine(key, [channels], options), state };
      }),
    apply: ({ params, state }, x, { training = false } = {}) =>
      treeTidy(() => {
        const axis = checkBatch(kind, x, false, [params.gamma, state.mean]);
        const rows = reshape(x, [-1, state.mean.size]) as Tensor2D;
        const finish = (whitened: Tensor): Tensor =>
          applyAffine(reshape(whitened, x.shape), params);
        if (!training) {
          const y = finish(matMul(sub(rows, state.mean), state.whitening));
          return { y, state: treeMap((t: Tensor) => clone(t), state) };
        }
        checkEnough(kind, x, axis);
        const centered = center(rows, [0]) as Tensor2D;
        const covariance = div(matMul(centered, centered, true), rows.shape[0]);
        const identity = eye(state.mean.size);
        const whitening = inverseRoot(add(covariance, mul(identity, constant(eps))), iterations);
        const steps = add(state.steps, scalar(1, "int32"));
        const weight = weightAt(steps);
        return {
          y: finish(matMul(centered, whitening)),
          state: {
            mean: follow(state.mean, mean(rows, 0), weight),
            whitening: follow(state.whitening, whitening, weight),
            steps: cast(steps, "int32"),
          },
        };
      }),
    outputShape: (inputShape) => {
      channelsOf(kind, inputShape, false);
      return inputShape;
    },
  } satisfies Layer<AffineParams, DecorrelatedState>);
}

/** M^(−1/2) of a symmetric positive matrix. */
function inverseRoot(matrix: Tensor, iterations: number): Tensor {
  return tidy(() => {
    const identity = eye(matrix.shape[0] ?? 1);
    const trace = sum(mul(matrix, identity));
    // Eigenvalues in (0, 1], where the iteration converges. It is carried out on the root and its
    // inverse together: the same numbers, but rounding errors are not amplified (Higham, 1997).
    let root = div(matrix, trace);
    let inverse: Tensor = identity;
    for (let i = 0; i < iterations; i++) {
      const step = mul(sub(mul(identity, 3), matMul(inverse, root)), 0.5);
      root = matMul(root, step);
      inverse = matMul(step, inverse);
    }
    // Rounding makes it slightly asymmetric.
    return div(mul(add(inverse, transpose(inverse)), 0.5), sqrt(trace));
  });
}
