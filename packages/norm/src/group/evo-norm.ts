import { constant, treeTidy } from "@layerwise/autodiff";
import type { Layer, Shape } from "@layerwise/layers";
import { ones } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  broadcastTo,
  mean,
  mul,
  reshape,
  rsqrt,
  sigmoid,
  square,
} from "@tensorflow/tfjs-core";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { alongAxis, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkCount, checkEps } from "../core/check.ts";
import { center } from "../core/standardize.ts";
import { splitGroups } from "./group-norm.ts";

/** Options of {@link evoNorm}. */
export interface EvoNormOptions extends AffineOptions, LayoutOptions {
  /** The number of groups; it must divide the number of channels. */
  readonly groups: number;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number | undefined;
}

/** The parameters of {@link evoNorm}: scale, shift and the slope of the gate, [channels] each. */
export type EvoNormParams = AffineParams & { readonly slope: Tensor };

/**
 * EvoNorm-S0: normalisation and activation in one, found by search; no batch statistics.
 *
 * y = γ x sigmoid(v x) / √(σ² + ε) + β with the biased variance of each example over space and the
 * channels of a group, and γ, β, v per channel. It replaces a normalisation and the activation after
 * it. The slope v starts at 1. Training and evaluation are the same.
 *
 * Input [batch, ..., channels].
 *
 * Reference: Liu et al., 2020, https://arxiv.org/abs/2004.02967, table 2 (groups 32 there).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { evoNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = evoNorm({ groups: 1 });
 * const { y } = layer.apply(layer.init(random.key(0), [2]), tf.tensor2d([[-1, 1]]));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 0.731055) > 1e-5) throw new Error(`${y}`);
 * ```
 */
export function evoNorm(options: EvoNormOptions): Layer<EvoNormParams, null> {
  const { groups, eps = 1e-5, channelsFirst = false } = options;
  checkCount("evoNorm", "groups", groups);
  checkEps("evoNorm", eps);
  const channels = (inputShape: Shape): number => channelsOf("evoNorm", inputShape, channelsFirst);
  return Object.freeze({
    kind: "evoNorm",
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = [channels(inputShape)];
        const params = { ...initAffine(key, shape, options), slope: ones(key, shape) };
        return { params, state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch("evoNorm", x, channelsFirst, [params.slope, params.gamma]);
        const place = (vector: Tensor): Tensor => alongAxis(vector, x.rank, axis);
        const { grouped, axes } = splitGroups("evoNorm", x, axis, groups);
        const variance = mean(square(center(grouped, axes)), axes, true);
        const inverse = broadcastTo(rsqrt(add(variance, constant(eps))), grouped.shape);
        const gated = mul(x, sigmoid(mul(x, place(params.slope))));
        return { y: applyAffine(mul(gated, reshape(inverse, x.shape)), params, place), state };
      }),
    outputShape: (inputShape) => {
      channels(inputShape);
      return inputShape;
    },
  } satisfies Layer<EvoNormParams, null>);
}
