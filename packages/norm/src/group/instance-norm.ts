import { treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { alongAxis, axesBut, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkEps, checkSpace } from "../core/check.ts";
import { standardize } from "../core/standardize.ts";

/** Options of {@link instanceNorm}. */
export interface InstanceNormOptions extends AffineOptions, LayoutOptions {
  /** Whether to train γ and β. Default false, as PyTorch. */
  readonly affine?: boolean | undefined;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number | undefined;
}

/**
 * Instance normalisation: each channel of each example is standardised over space.
 *
 * Input [batch, ...space, channels] with at least two positions (one is an error, as its output would
 * be β whatever x is). No γ and β by default and no running statistics, as in PyTorch; Keras spells it
 * GroupNormalization with groups −1, with both. Training and evaluation are the same.
 *
 * Reference: Ulyanov, Vedaldi and Lempitsky, 2016, https://arxiv.org/abs/1607.08022.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { instanceNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = instanceNorm();
 * const x = tf.tensor3d([1, 3, 100, 102], [2, 2, 1]);
 * const { y } = layer.apply(layer.init(random.key(0), [2, 1]), x);
 * if (y.dataSync().some((v) => Math.abs(Math.abs(v) - 1) > 1e-4)) throw new Error(`${y}`);
 * ```
 */
export function instanceNorm(options: InstanceNormOptions = {}): Layer<AffineParams, null> {
  const { affine = false, eps = 1e-5, channelsFirst = false } = options;
  checkEps("instanceNorm", eps);
  return Object.freeze({
    kind: "instanceNorm",
    init: (key, inputShape) =>
      treeTidy(() => {
        const channels = channelsOf("instanceNorm", inputShape, channelsFirst);
        return { params: initAffine(key, [channels], { ...options, affine }), state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch("instanceNorm", x, channelsFirst, [params.gamma, params.beta]);
        checkSpace("instanceNorm", x, axis, 2);
        const normalised = standardize(x, axesBut(x.rank, 0, axis), eps);
        return { y: applyAffine(normalised, params, (v) => alongAxis(v, x.rank, axis)), state };
      }),
    outputShape: (inputShape) => {
      channelsOf("instanceNorm", inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<AffineParams, null>);
}
