import { constant, random, stopGradient, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  clone,
  div,
  equal,
  greater,
  matMul,
  maximum,
  mul,
  ones,
  onesLike,
  reshape,
  square,
  squeeze,
  sum,
  transpose,
  where,
} from "@tensorflow/tfjs-core";
import { positiveAxes } from "../core/axes.ts";
import { checkCount, checkEps } from "../core/check.ts";
import { safeRoot } from "../core/standardize.ts";
import { inputAxes, type KernelParams, type OutputAxesOptions } from "./kernel.ts";

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions extends OutputAxesOptions {
  /** Power iterations per application in training. Default 1. */
  readonly iterations?: number | undefined;
  /** Power iterations when variables are made. Default 15. */
  readonly initialIterations?: number | undefined;
  /** The least length to divide by. Default 1e-12. */
  readonly eps?: number | undefined;
}

/** The state of {@link spectralNorm}: the layer's own, and the singular vectors. */
export type SpectralNormState<S> = {
  readonly layer: S;
  /** The left vector, [outputs], of length 1. */
  readonly u: Tensor;
  /** The right vector, [inputs], of length 1. */
  readonly v: Tensor;
};

/**
 * Spectral normalisation: a layer whose kernel is divided by its largest singular value, W / σ.
 *
 * W is the kernel as a matrix [outputs, inputs] and σ = uᵀ W v. The vectors u and v are state: each
 * application in training moves them by a power iteration, u ← W v / ‖W v‖, v ← Wᵀ u / ‖Wᵀ u‖, and
 * evaluation leaves them. Gradients pass through σ with u and v constant. The parameters are the
 * layer's own and are never overwritten (Keras assigns the kernel). Iterations, their order, 15 of them
 * at the start and ε 1e-12 are PyTorch's. A zero kernel stays zero.
 *
 * Reference: Miyato et al., 2018, https://arxiv.org/abs/1802.05957, algorithm 1.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { constant, dense } from "@layerwise/layers";
 * import { spectralNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * // All sevens, 2 × 2: the largest singular value is 14.
 * const layer = spectralNorm(dense({ units: 2, kernelInit: constant(7) }));
 * const variables = layer.init(random.key(0), [2]);
 * const { y } = layer.apply(variables, tf.tensor2d([[1, 0]]), { training: true });
 * if (Math.abs((y.dataSync()[0] ?? 0) - 0.5) > 1e-6) throw new Error(`${y}`);
 * ```
 */
export function spectralNorm<P extends KernelParams, S extends TensorTree>(
  layer: Layer<P, S>,
  options: SpectralNormOptions = {},
): Layer<P, SpectralNormState<S>> {
  const { outputAxes = [-1], iterations = 1, initialIterations = 15, eps = 1e-12 } = options;
  const kind = "spectralNorm";
  checkCount(kind, "iterations", iterations);
  checkCount(kind, "initialIterations", initialIterations);
  checkEps(kind, eps);
  return Object.freeze({
    kind: `${kind}(${layer.kind})`,
    init: (key, inputShape) =>
      treeTidy(() => {
        const [layerKey, uKey, vKey] = random.split(key, 3) as [Tensor, Tensor, Tensor];
        const { params, state } = layer.init(layerKey, inputShape);
        const matrix = asMatrix(params.kernel, outputAxes);
        const [outputs, inputs] = matrix.shape as [number, number];
        const start = {
          u: direction(random.normal(uKey, [outputs]), ones([outputs]), eps),
          v: direction(random.normal(vKey, [inputs]), ones([inputs]), eps),
        };
        return {
          params,
          state: { layer: state, ...powerIterations(matrix, start, initialIterations, eps) },
        };
      }),
    apply: ({ params, state }, x, applyOptions = {}) =>
      treeTidy(() => {
        const matrix = asMatrix(params.kernel, outputAxes);
        const { u, v } = stopGradient(
          applyOptions.training
            ? powerIterations(matrix, state, iterations, eps)
            : { u: clone(state.u), v: clone(state.v) },
        );
        const sigma = sum(mul(u, times(matrix, v)));
        const divisor = where(equal(sigma, 0), onesLike(sigma), sigma);
        const own = { ...params, kernel: div(params.kernel, divisor) };
        const result = layer.apply({ params: own, state: state.layer }, x, applyOptions);
        return { y: result.y, state: { layer: result.state, u, v } };
      }),
    outputShape: (inputShape) => layer.outputShape(inputShape),
  } satisfies Layer<P, SpectralNormState<S>>);
}

interface Vectors {
  readonly u: Tensor;
  readonly v: Tensor;
}

function powerIterations(matrix: Tensor, start: Vectors, count: number, eps: number): Vectors {
  const transposed = transpose(matrix);
  let { u, v } = start;
  for (let i = 0; i < count; i++) {
    u = direction(times(matrix, v), u, eps);
    v = direction(times(transposed, u), v, eps);
  }
  return { u, v };
}

/** A kernel as a matrix [outputs, inputs]. */
function asMatrix(kernel: Tensor, outputAxes: readonly number[]): Tensor {
  const outputs = positiveAxes("spectralNorm", outputAxes, kernel.rank);
  const inputs = inputAxes("spectralNorm", kernel, outputAxes);
  const rows = outputs.reduce((size, axis) => size * (kernel.shape[axis] ?? 1), 1);
  return reshape(transpose(kernel, [...outputs, ...inputs]), [rows, kernel.size / rows]);
}

function times(matrix: Tensor, vector: Tensor): Tensor {
  return squeeze(matMul(matrix, reshape(vector, [-1, 1])), [1]);
}

/** A vector at length 1; of a zero vector, the one before: a zero kernel must not wipe the state. */
function direction(vector: Tensor, before: Tensor, eps: number): Tensor {
  const length = safeRoot(sum(square(vector)));
  return where(greater(length, 0), div(vector, maximum(length, constant(eps))), before);
}
