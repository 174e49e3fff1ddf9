import { treeTidy } from "@layerwise/autodiff";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { fansOf } from "../initializers/index.ts";
import { type AffineParams, affine, checkUnits, initAffine, lastAxis } from "./affine.ts";
import type { DenseOptions } from "./dense.ts";

/**
 * The parameters of {@link denseTransposed}: `kernel` [units, inputs], as a `dense` layer in the
 * other direction has it, and `bias` [units], or null.
 */
export type DenseTransposedParams = AffineParams;

/**
 * A fully connected layer that keeps its kernel transposed: y = x Kᵀ + b.
 *
 * Input [..., inputs], output [..., units]. The kernel has the shape of that of a `dense` layer
 * from `units` to `inputs`, so that an encoder's kernel serves a decoder as it is: tied weights, with `tie` inside
 * one model, or by putting the same tensor into both trees.
 *
 * Reference: Vincent et al., 2010 (tied weights), https://jmlr.org/papers/v11/vincent10a.html.
 *
 * @example
 * ```ts
 * import { dense, denseTransposed } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const kernel = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
 * const variables = { params: { kernel, bias: null }, state: null };
 * const code = dense({ units: 3 }).apply(variables, tf.ones([1, 2])).y;
 * const { y } = denseTransposed({ units: 2 }).apply(variables, code);
 * if (y.dataSync().join() !== "46,109") throw new Error(String(y));
 * ```
 */
export function denseTransposed({
  units,
  ...inits
}: DenseOptions): Layer<DenseTransposedParams, null> {
  const kind = "denseTransposed";
  checkUnits(kind, units);
  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = [units, lastAxis(kind, inputShape)];
        const { kernel, bias } = initAffine(key, shape, units, fansOf(shape, "HWOI"), inits);
        return { params: { kernel: kernel as Tensor2D, bias }, state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => ({ y: affine(kind, x, params, units, true), state })),
    outputShape: (inputShape) => {
      lastAxis(kind, inputShape);
      return [...inputShape.slice(0, -1), units];
    },
  } satisfies Layer<DenseTransposedParams, null>);
}
