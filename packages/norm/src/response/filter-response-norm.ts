import { constant, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { constant as filled, ones, zeros } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { abs, add, maximum, mean, mul, rsqrt, square } from "@tensorflow/tfjs-core";
import { alongAxis, axesBut, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkEps, checkSpace } from "../core/check.ts";

/** Options of {@link filterResponseNorm}. */
export interface FilterResponseNormOptions extends LayoutOptions {
  /** Added to the mean square. Default 1e-6. */
  readonly eps?: number | undefined;
  /**
   * Whether to add the size of a trained ε per channel, from 1e-4, which maps of 1 × 1 need. Default
   * false.
   */
  readonly learnedEps?: boolean | undefined;
}

/** The parameters of {@link filterResponseNorm}, [channels] each; `eps` is null unless learned. */
export type FilterResponseNormParams = {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly eps: Tensor | null;
};

/**
 * Filter response normalisation: each channel of each example divided by its root mean square over
 * space: y = γ x / √(mean x² + ε) + β.
 *
 * It uses neither other examples nor other channels, and does not subtract a mean; follow it by
 * {@link thresholdedLinearUnit}. With `learnedEps`, ε is 1e-6 + |εₗ|.
 *
 * Input [batch, ...space, channels].
 *
 * Reference: Singh and Krishnan, 2020, https://arxiv.org/abs/1911.09737.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { sequential } from "@layerwise/layers";
 * import { filterResponseNorm, thresholdedLinearUnit } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([filterResponseNorm(), thresholdedLinearUnit()]);
 * const { y } = net.apply(net.init(random.key(0), [2, 1]), tf.tensor3d([-1, 7], [1, 2, 1]));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 1.4) > 1e-5 || y.dataSync()[0] !== 0) throw new Error(`${y}`);
 * ```
 */
export function filterResponseNorm(
  options: FilterResponseNormOptions = {},
): Layer<FilterResponseNormParams, null> {
  const { eps = 1e-6, learnedEps = false, channelsFirst = false } = options;
  const kind = "filterResponseNorm";
  checkEps(kind, eps);
  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = [channelsOf(kind, inputShape, channelsFirst)];
        const start = learnedEps ? filled(1e-4)(key, shape) : null;
        return {
          params: { gamma: ones(key, shape), beta: zeros(key, shape), eps: start },
          state: null,
        };
      }),
    apply: ({ params: { gamma, beta, eps: learned }, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch(kind, x, channelsFirst, [gamma, beta, learned]);
        checkSpace(kind, x, axis, 1);
        const place = (vector: Tensor): Tensor => alongAxis(vector, x.rank, axis);
        const squares = mean(square(x), axesBut(x.rank, 0, axis), true);
        const least = add(squares, constant(eps));
        const inverse = rsqrt(learned === null ? least : add(least, place(abs(learned))));
        return { y: add(mul(mul(x, inverse), place(gamma)), place(beta)), state };
      }),
    outputShape: (inputShape) => {
      channelsOf(kind, inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<FilterResponseNormParams, null>);
}

/** The parameters of {@link thresholdedLinearUnit}: [channels]. */
export type ThresholdParams = { readonly tau: Tensor };

/**
 * The thresholded linear unit: max(x, τ) with a trained τ per channel, 0 at the start.
 *
 * The activation that goes with {@link filterResponseNorm}, whose output need not have mean 0.
 *
 * Reference: Singh and Krishnan, 2020, https://arxiv.org/abs/1911.09737.
 */
export function thresholdedLinearUnit(options: LayoutOptions = {}): Layer<ThresholdParams, null> {
  const { channelsFirst = false } = options;
  const kind = "thresholdedLinearUnit";
  return Object.freeze({
    kind,
    init: (key, inputShape) => ({
      params: { tau: zeros(key, [channelsOf(kind, inputShape, channelsFirst)]) },
      state: null,
    }),
    apply: ({ params: { tau }, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch(kind, x, channelsFirst, [tau]);
        return { y: maximum(x, alongAxis(tau, x.rank, axis)), state };
      }),
    outputShape: (inputShape) => {
      channelsOf(kind, inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<ThresholdParams, null>);
}
