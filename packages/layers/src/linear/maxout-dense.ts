import { treeTidy } from "@layerwise/autodiff";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { maxout } from "../activations/index.ts";
import type { Layer } from "../core/layer.ts";
import { fansOf } from "../initializers/index.ts";
import { affine, checkUnits, initAffine, lastAxis } from "./affine.ts";
import type { DenseOptions, DenseParams } from "./dense.ts";

/** Options of {@link maxoutDense}. */
export interface MaxoutDenseOptions extends DenseOptions {
  /** How many linear functions each unit takes the largest of. Default 2. */
  readonly pieces?: number | undefined;
}

/**
 * A fully connected maxout layer: yⱼ = max over p < pieces of (x W + b) at j · pieces + p.
 *
 * Input [..., inputs], output [..., units]; kernel [inputs, units · pieces], a unit's pieces side by
 * side, as {@link maxout} takes them.
 *
 * Reference: Goodfellow et al., 2013, https://arxiv.org/abs/1302.4389.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { maxoutDense } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = maxoutDense({ units: 3, pieces: 4 });
 * const { params, state } = layer.init(random.key(0), [5]);
 * const { y } = layer.apply({ params, state }, tf.ones([2, 5]));
 * if (`${y.shape} ${params.kernel.shape}` !== "2,3 5,12") throw new Error(`${y.shape}`);
 * ```
 */
export function maxoutDense({
  units,
  pieces = 2,
  ...inits
}: MaxoutDenseOptions): Layer<DenseParams, null> {
  const kind = "maxoutDense";
  checkUnits(kind, units);
  checkUnits(kind, pieces, "pieces");
  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const outputs = units * pieces;
        const shape = [lastAxis(kind, inputShape), outputs];
        const { kernel, bias } = initAffine(key, shape, outputs, fansOf(shape), inits);
        return { params: { kernel: kernel as Tensor2D, bias }, state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => ({ y: maxout(affine(kind, x, params, units * pieces), { pieces }), state })),
    outputShape: (inputShape) => {
      lastAxis(kind, inputShape);
      return [...inputShape.slice(0, -1), units];
    },
  } satisfies Layer<DenseParams, null>);
}
