import { constant, treeTidy } from "@layerwise/autodiff";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mean, mul, reshape, sqrt, square } from "@tensorflow/tfjs-core";
import { axesBut, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkEps, checkSpace } from "../core/check.ts";
import { center, standardize } from "../core/standardize.ts";

/** What a style gives each channel of each example: both [batch, channels], or [1, channels]. */
export type Style = { readonly scale: Tensor; readonly shift: Tensor };

/** Options of {@link adaptiveInstanceNorm} and {@link styleOf}. */
export interface AdaptiveInstanceNormOptions extends LayoutOptions {
  /** Added to variances. Default 1e-5. */
  readonly eps?: number | undefined;
}

/**
 * Adaptive (conditional) instance normalisation: instance normalisation whose scale and shift are
 * given: y = scale (x − μ(x)) / σ(x) + shift.
 *
 * A function, not a layer, as the style is a second input: the statistics of another image
 * ({@link styleOf}), the output of a dense layer, or the row of a class.
 *
 * Input [batch, ...space, channels]; gradients reach both x and the style.
 *
 * Reference: Huang and Belongie, 2017, https://arxiv.org/abs/1703.06868 (whose code has the unbiased
 * variance; this is the paper's, biased).
 *
 * @example
 * ```ts
 * import { adaptiveInstanceNorm, styleOf } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const content = tf.tensor3d([1, 3], [1, 2, 1]);
 * const picture = tf.tensor3d([10, 20], [1, 2, 1]);
 * const y = adaptiveInstanceNorm(content, styleOf(picture));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 20) > 1e-3) throw new Error(`${y}`);
 * ```
 */
export function adaptiveInstanceNorm(
  x: Tensor,
  style: Style,
  { eps = 1e-5, channelsFirst = false }: AdaptiveInstanceNormOptions = {},
): Tensor {
  const kind = "adaptiveInstanceNorm";
  checkEps(kind, eps);
  return treeTidy(() => {
    const axis = checkBatch(kind, x, channelsFirst, []);
    checkSpace(kind, x, axis, 2);
    const [batch, channels] = [x.shape[0] ?? 1, x.shape[axis] ?? 1];
    const place = (name: string, values: Tensor): Tensor => {
      const [rows, columns] = values.shape;
      if (values.rank !== 2 || columns !== channels || (rows !== 1 && rows !== batch)) {
        const wanted = `expected ${name} ${showShape([batch, channels])}`;
        throw new LayerError(kind, `${wanted}, got ${showShape(values.shape)}`);
      }
      const shape = x.shape.map((_, i) => (i === 0 ? rows : i === axis ? channels : 1));
      return reshape(values, shape);
    };
    const normalised = standardize(x, axesBut(x.rank, 0, axis), eps);
    return add(mul(normalised, place("scale", style.scale)), place("shift", style.shift));
  });
}

/**
 * The style of images: standard deviation √(σ² + ε) and mean of each channel over space.
 *
 * Input [batch, ...space, channels], results [batch, channels].
 */
export function styleOf(
  images: Tensor,
  { eps = 1e-5, channelsFirst = false }: AdaptiveInstanceNormOptions = {},
): Style {
  checkEps("styleOf", eps);
  return treeTidy(() => {
    const axis = checkBatch("styleOf", images, channelsFirst, []);
    checkSpace("styleOf", images, axis, 1);
    const axes = axesBut(images.rank, 0, axis);
    const variance = mean(square(center(images, axes)), axes);
    return { scale: sqrt(add(variance, constant(eps))), shift: mean(images, axes) };
  });
}
