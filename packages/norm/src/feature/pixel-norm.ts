import { treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { mean, square } from "@tensorflow/tfjs-core";
import { channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkEps } from "../core/check.ts";
import { divideByRoot } from "../core/standardize.ts";

/** Options of {@link pixelNorm}. */
export interface PixelNormOptions extends LayoutOptions {
  /** Added to the mean square. Default 1e-8. */
  readonly eps?: number | undefined;
}

/**
 * Pixel normalisation: the channels of each position divided by their root mean square.
 *
 * y = x / √(mean x² over channels + ε): {@link rmsNorm} over the channels, without parameters and
 * with the ε, 1e-8, of the paper.
 *
 * Reference: Karras et al., 2018, https://arxiv.org/abs/1710.10196, section 4.2.
 *
 * @example
 * ```ts
 * import { pixelNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { y } = pixelNorm().apply({ params: null, state: null }, tf.tensor4d([1, 7], [1, 1, 1, 2]));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 1.4) > 1e-6) throw new Error(`${y}`);
 * ```
 */
export function pixelNorm(options: PixelNormOptions = {}): Layer<null, null> {
  const { eps = 1e-8, channelsFirst = false } = options;
  checkEps("pixelNorm", eps);
  return Object.freeze({
    kind: "pixelNorm",
    init: (_, inputShape) => {
      channelsOf("pixelNorm", inputShape, channelsFirst);
      return { params: null, state: null };
    },
    apply: ({ state }, x) =>
      treeTidy(() => {
        const axis = checkBatch("pixelNorm", x, channelsFirst, []);
        return { y: divideByRoot(x, mean(square(x), axis, true), eps), state };
      }),
    outputShape: (inputShape) => {
      channelsOf("pixelNorm", inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<null, null>);
}
