import { treeTidy } from "@layerwise/autodiff";
import type { Initializer, Layer } from "@layerwise/layers";
import { constant as filled, LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { mul } from "@tensorflow/tfjs-core";
import { alongAxis, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch } from "../core/check.ts";

/** Options of {@link layerScale}. */
export interface LayerScaleOptions extends LayoutOptions {
  /** The scale at the start: a number or an initializer. Default 1e-5. */
  readonly gammaInit?: number | Initializer | undefined;
}

/** The parameters of {@link layerScale}: [channels]. */
export type LayerScaleParams = { readonly gamma: Tensor };

/**
 * Layer scale: a trained factor per channel, small at first: y = γ x.
 *
 * At the end of a residual branch it makes deep networks start near the identity. 1e-5 at the start
 * is the paper's value for 24 blocks (0.1 up to 18, 1e-6 for 36); ConvNeXt has 1e-6.
 *
 * Reference: Touvron et al., 2021, https://arxiv.org/abs/2103.17239.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { layerScale } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = layerScale({ gammaInit: 0.5 });
 * const { y } = layer.apply(layer.init(random.key(0), [2]), tf.tensor2d([[2, 4]]));
 * if (y.dataSync().join() !== "1,2") throw new Error(`${y}`);
 * ```
 */
export function layerScale(options: LayerScaleOptions = {}): Layer<LayerScaleParams, null> {
  const { gammaInit = 1e-5, channelsFirst = false } = options;
  if (typeof gammaInit === "number" && !Number.isFinite(gammaInit)) {
    throw new LayerError("layerScale", `expected a finite gammaInit, got ${gammaInit}`);
  }
  const make = typeof gammaInit === "number" ? filled(gammaInit) : gammaInit;
  return Object.freeze({
    kind: "layerScale",
    init: (key, inputShape) => ({
      params: { gamma: make(key, [channelsOf("layerScale", inputShape, channelsFirst)]) },
      state: null,
    }),
    apply: ({ params: { gamma }, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch("layerScale", x, channelsFirst, [gamma]);
        return { y: mul(x, alongAxis(gamma, x.rank, axis)), state };
      }),
    outputShape: (inputShape) => {
      channelsOf("layerScale", inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<LayerScaleParams, null>);
}
