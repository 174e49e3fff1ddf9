import { constant, treeTidy } from "@layerwise/autodiff";
import type { Variables } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul, neg, reshape, rsqrt, sub } from "@tensorflow/tfjs-core";
import type { AffineParams } from "../core/affine.ts";
import { positiveAxes } from "../core/axes.ts";
import type { RunningState } from "../core/running.ts";
import type { BatchNorm } from "./batch-norm.ts";

/** Options of {@link foldBatchNorm}. */
export interface FoldBatchNormOptions {
  /**
   * The axes of the kernel that make the output channels, in order. Default [-1], as in dense and
   * convolution kernels; [-2, -1] for depthwise and [-2] for transposed convolution.
   */
  readonly outputAxes?: readonly number[] | undefined;
}

/**
 * Merges a {@link batchNorm}, in evaluation, into the linear layer before it: kernel W γ / σ and bias
 * (b − μ) γ / σ + β with σ = √(variance + ε). The folded layer's output is that of both, for less work.
 *
 * `linear` is parameters with `kernel` and, null or [units], `bias`; the result has a bias in any case.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense } from "@layerwise/layers";
 * import { batchNorm, foldBatchNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [linear, norm] = [dense({ units: 3 }), batchNorm()];
 * const { params } = linear.init(random.key(0), [2]);
 * const variables = norm.init(random.key(1), [3]);
 * const folded = foldBatchNorm(params, norm, variables);
 *
 * const x = tf.ones([1, 2]);
 * const both = norm.apply(variables, linear.apply({ params, state: null }, x).y).y;
 * const one = linear.apply({ params: folded, state: null }, x).y;
 * if ((tf.max(tf.abs(tf.sub(one, both))).dataSync()[0] ?? 0) > 1e-6) throw new Error(`${one} ${both}`);
 * ```
 */
export function foldBatchNorm<K extends Tensor, B extends Tensor>(
  linear: { readonly kernel: K; readonly bias: B | null },
  norm: BatchNorm,
  { params, state }: Variables<AffineParams, RunningState>,
  { outputAxes = [-1] }: FoldBatchNormOptions = {},
): { readonly kernel: K; readonly bias: B } {
  return treeTidy(() => {
    const { kernel, bias } = linear;
    const axes = positiveAxes("foldBatchNorm", outputAxes, kernel.rank);
    const shape = kernel.shape.map((size, i) => (axes.includes(i) ? size : 1));
    const outputs = shape.reduce((a, b) => a * b, 1);
    if (outputs !== state.mean.size) {
      const detail = `expected ${state.mean.size} outputs, got ${outputs}`;
      throw new LayerError("foldBatchNorm", `${detail} (kernel ${showShape(kernel.shape)})`);
    }
    const inverse = rsqrt(add(state.variance, constant(norm.eps)));
    const factor = params.gamma === null ? inverse : mul(params.gamma, inverse);
    const centered = bias === null ? neg(state.mean) : sub(bias, state.mean);
    const scaled = mul(centered, factor);
    return {
      kernel: mul(kernel, reshape(factor, shape)) as K,
      bias: (params.beta === null ? scaled : add(scaled, params.beta)) as B,
    };
  });
}
