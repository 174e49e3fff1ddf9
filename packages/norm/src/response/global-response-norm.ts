import { constant, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { zeros } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, div, mean, mul } from "@tensorflow/tfjs-core";
import { type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { alongAxis, axesBut, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkEps, checkSpace } from "../core/check.ts";
import { normOver } from "../core/standardize.ts";

/** Options of {@link globalResponseNorm}. */
export interface GlobalResponseNormOptions extends LayoutOptions {
  /** Added to the mean of the norms. Default 1e-6. */
  readonly eps?: number | undefined;
}

/**
 * Global response normalisation (GRN): channels that respond more than the others are raised.
 *
 * With G the Euclidean norm of each channel over space and N = G / (mean of G over channels + ε):
 * y = γ x N + β + x. γ and β start at 0, so the layer starts as the identity. Training and evaluation
 * are the same; a channel that is 0 everywhere has a finite gradient.
 *
 * Input [batch, ...space, channels].
 *
 * Reference: Woo et al., 2023, https://arxiv.org/abs/2301.00808 (ConvNeXt V2).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { globalResponseNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = globalResponseNorm();
 * const x = tf.tensor3d([1, 2, 3, 4], [1, 2, 2]);
 * const { y } = layer.apply(layer.init(random.key(0), [2, 2]), x);
 * if (y.dataSync().join() !== "1,2,3,4") throw new Error(`${y}`);
 * ```
 */
export function globalResponseNorm(
  options: GlobalResponseNormOptions = {},
): Layer<AffineParams, null> {
  const { eps = 1e-6, channelsFirst = false } = options;
  const kind = "globalResponseNorm";
  checkEps(kind, eps);
  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = [channelsOf(kind, inputShape, channelsFirst)];
        return { params: initAffine(key, shape, { gammaInit: zeros }), state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch(kind, x, channelsFirst, [params.gamma, params.beta]);
        checkSpace(kind, x, axis, 1);
        const norms = normOver(x, axesBut(x.rank, 0, axis));
        const relative = div(norms, add(mean(norms, axis, true), constant(eps)));
        const place = (vector: Tensor): Tensor => alongAxis(vector, x.rank, axis);
        return { y: add(x, applyAffine(mul(x, relative), params, place)), state };
      }),
    outputShape: (inputShape) => {
      channelsOf(kind, inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<AffineParams, null>);
}
