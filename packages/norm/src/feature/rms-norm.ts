import { treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { mean, square } from "@tensorflow/tfjs-core";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { checkCount, checkEps } from "../core/check.ts";
import { divideByRoot } from "../core/standardize.ts";
import { checkLast, trailing, trailingAxes } from "./trailing.ts";

/** Options of {@link rmsNorm}. */
export interface RmsNormOptions extends AffineOptions {
  /** How many of the last axes are normalised together. Default 1. */
  readonly lastAxes?: number | undefined;
  /** Added to the mean square. Default 1e-6. */
  readonly eps?: number | undefined;
  /** Whether to add a trained β. Default false; Equinox has one. */
  readonly center?: boolean | undefined;
}

/**
 * Root-mean-square normalisation: layer normalisation without the mean.
 *
 * y = γ x / √(mean x² + ε) over the last `lastAxes` axes. Training and evaluation are the same.
 *
 * Input [batch, ..., features]. ε is 1e-6 as in Keras and Flax; PyTorch takes the machine epsilon of
 * the dtype (1.2e-7), Equinox 1e-5.
 *
 * Reference: Zhang and Sennrich, 2019, https://arxiv.org/abs/1910.07467.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { rmsNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = rmsNorm();
 * const { y } = layer.apply(layer.init(random.key(0), [2]), tf.tensor2d([[1, 7]]));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 1.4) > 1e-6) throw new Error(`${y}`);
 * ```
 */
export function rmsNorm(options: RmsNormOptions = {}): Layer<AffineParams, null> {
  const { lastAxes = 1, eps = 1e-6, center = false } = options;
  checkCount("rmsNorm", "lastAxes", lastAxes);
  checkEps("rmsNorm", eps);
  return Object.freeze({
    kind: "rmsNorm",
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = trailing("rmsNorm", inputShape, lastAxes);
        return { params: initAffine(key, shape, { ...options, center }), state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        checkLast("rmsNorm", x, lastAxes, [params.gamma, params.beta]);
        const squares = mean(square(x), trailingAxes(x.rank, lastAxes), true);
        return { y: applyAffine(divideByRoot(x, squares, eps), params), state };
      }),
    outputShape: (inputShape) => {
      trailing("rmsNorm", inputShape, lastAxes);
      return inputShape;
    },
  } satisfies Layer<AffineParams, null>);
}
