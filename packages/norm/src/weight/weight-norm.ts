import { constant, type TensorTree, treeMap, treeTidy } from "@layerwise/autodiff";
import type { ApplyOptions, Layer, Variables } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  greater,
  mul,
  onesLike,
  reshape,
  rsqrt,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { channelMoments, varianceOf } from "../core/moments.ts";
import { normOver } from "../core/standardize.ts";
import { inputAxes, type KernelParams, type OutputAxesOptions, type WithKernel } from "./kernel.ts";

/** A kernel as length and direction: g has size 1 on all axes but those of the outputs. */
export type LengthAndDirection = { readonly g: Tensor; readonly v: Tensor };

/** The parameters of {@link weightNorm}: the layer's, with `kernel: { g, v }`. */
export type WeightNormParams<P> = WithKernel<P, LengthAndDirection>;

/**
 * Weight normalisation: a layer whose kernel is g v / ‖v‖, with the norm over all axes but the output.
 *
 * Length and direction of each unit's weights are trained apart. At the start v is the layer's own
 * kernel and g = ‖v‖, so the output is the layer's, as in PyTorch; {@link weightNormFromData} gives the
 * data-dependent start of the paper. A unit with v = 0 has weights 0 and finite gradients.
 *
 * Reference: Salimans and Kingma, 2016, https://arxiv.org/abs/1602.07868.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense } from "@layerwise/layers";
 * import { weightNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = weightNorm(dense({ units: 3 }));
 * const { params, state } = layer.init(random.key(0), [4]);
 * if (params.kernel.g.shape.join() !== "1,3") throw new Error("one length per unit");
 * const { y } = layer.apply({ params, state }, tf.ones([2, 4]));
 * if (y.shape.join() !== "2,3") throw new Error(String(y.shape));
 * ```
 */
export function weightNorm<P extends KernelParams, S extends TensorTree>(
  layer: Layer<P, S>,
  { outputAxes = [-1] }: OutputAxesOptions = {},
): Layer<WeightNormParams<P>, S> {
  return Object.freeze({
    kind: `weightNorm(${layer.kind})`,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { params, state } = layer.init(key, inputShape);
        const { kernel } = params;
        const g = normOver(kernel, inputAxes("weightNorm", kernel, outputAxes));
        return { params: replaced(params, { g, v: clone(kernel) }), state };
      }),
    apply: ({ params, state }, x, options) =>
      treeTidy(() => {
        const { g, v } = params.kernel as LengthAndDirection;
        const norm = normOver(v, inputAxes("weightNorm", v, outputAxes));
        const length = where(greater(norm, 0), norm, onesLike(norm));
        const own = replaced(params, mul(v, div(g, length))) as unknown as P;
        return layer.apply({ params: own, state }, x, options);
      }),
    outputShape: (inputShape) => layer.outputShape(inputShape),
  } satisfies Layer<WeightNormParams<P>, S>);
}

/**
 * The data-dependent start of {@link weightNorm}: g and bias such that on this batch every output
 * channel has mean 0 and variance 1 (without a bias: variance 1).
 *
 * For layers that are linear in kernel and bias, with a bias of one value per channel (last axis).
 * Layers of a network are started one after the other, each on the output of the one before.
 *
 * Reference: Salimans and Kingma, 2016, https://arxiv.org/abs/1602.07868, section 3.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense } from "@layerwise/layers";
 * import { weightNorm, weightNormFromData } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = weightNorm(dense({ units: 3 }));
 * const x = random.normal(random.key(1), [64, 4]);
 * const variables = weightNormFromData(layer, layer.init(random.key(0), [4]), x);
 * const mean = tf.mean(layer.apply(variables, x).y, 0);
 * if ((tf.max(tf.abs(mean)).dataSync()[0] ?? 0) > 1e-5) throw new Error(`${mean}`);
 * ```
 */
export function weightNormFromData<
  P extends { readonly kernel: LengthAndDirection } & { readonly [name: string]: TensorTree },
  S extends TensorTree,
>(
  layer: Layer<P, S>,
  { params, state }: Variables<P, S>,
  x: Tensor,
  options: ApplyOptions & { readonly eps?: number | undefined } = {},
): Variables<P, S> {
  const { eps = 1e-10, ...applyOptions } = options;
  return treeTidy(() => {
    const result = layer.apply({ params, state }, x, applyOptions);
    const moments = channelMoments(result.y);
    const inverse = rsqrt(add(varianceOf(moments, "biased"), constant(eps)));
    const { kernel, bias } = params;
    const next = {
      ...treeMap((t: Tensor) => clone(t), params),
      kernel: { g: mul(kernel.g, reshape(inverse, kernel.g.shape)), v: clone(kernel.v) },
      ...(bias == null ? {} : { bias: mul(sub(bias as Tensor, moments.mean), inverse) }),
    };
    return { params: next as unknown as P, state: result.state };
  });
}

function replaced<P, K>(params: P, kernel: K): WithKernel<P, K> {
  return { ...params, kernel } as unknown as WithKernel<P, K>;
}
