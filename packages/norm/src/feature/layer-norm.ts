import { treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { checkCount, checkEps } from "../core/check.ts";
import { standardize } from "../core/standardize.ts";
import { checkLast, trailing, trailingAxes } from "./trailing.ts";

/** Options of {@link layerNorm}. */
export interface LayerNormOptions extends AffineOptions {
  /** How many of the last axes are normalised together. Default 1. */
  readonly lastAxes?: number | undefined;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number | undefined;
}

/**
 * Layer normalisation: each example is standardised over its own features, then scaled and shifted.
 *
 * y = γ (x − μ) / √(σ² + ε) + β with mean and biased variance over the last `lastAxes` axes, whose
 * shape γ and β have. Training and evaluation are the same; a constant row gives β.
 *
 * Input [batch, ..., features]. ε is 1e-5 as in PyTorch and Equinox; Keras and TensorFlow have 1e-3,
 * Flax 1e-6.
 *
 * Reference: Ba, Kiros and Hinton, 2016, https://arxiv.org/abs/1607.06450.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { layerNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = layerNorm();
 * const { y } = layer.apply(layer.init(random.key(0), [2]), tf.tensor2d([[1, 3], [-7, -5]]));
 * if (y.dataSync().some((v) => Math.abs(Math.abs(v) - 1) > 1e-4)) throw new Error(`${y}`);
 * ```
 */
export function layerNorm(options: LayerNormOptions = {}): Layer<AffineParams, null> {
  const { lastAxes = 1, eps = 1e-5 } = options;
  checkCount("layerNorm", "lastAxes", lastAxes);
  checkEps("layerNorm", eps);
  return Object.freeze({
    kind: "layerNorm",
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = trailing("layerNorm", inputShape, lastAxes);
        return { params: initAffine(key, shape, options), state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        checkLast("layerNorm", x, lastAxes, [params.gamma, params.beta]);
        const normalised = standardize(x, trailingAxes(x.rank, lastAxes), eps);
        return { y: applyAffine(normalised, params), state };
      }),
    outputShape: (inputShape) => {
      trailing("layerNorm", inputShape, lastAxes);
      return inputShape;
    },
  } satisfies Layer<AffineParams, null>);
}
