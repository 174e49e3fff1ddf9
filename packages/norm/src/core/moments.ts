import { constant, treeTidy } from "@layerwise/autodiff";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  broadcastTo,
  cast,
  div,
  expandDims,
  maximum,
  mul,
  square,
  sub,
  sum,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { alongAxis, axesBut, channelAxis, type LayoutOptions } from "./axes.ts";
import { checkRank, valuesPerChannel } from "./check.ts";

/** How many values there were, their mean, and M₂ = Σ (x − mean)². */
export type Moments = { readonly count: Tensor; readonly mean: Tensor; readonly m2: Tensor };

/** Options of {@link channelMoments}. */
export interface ChannelMomentsOptions extends LayoutOptions {
  /**
   * Which positions count: true or nonzero where they do. The shape of the input without its channel
   * axis, or with 1 in place of any axis.
   */
  readonly mask?: Tensor | undefined;
}

/**
 * The moments of each channel over batch and space, in two passes (the mean is subtracted first).
 *
 * Input [batch, ..., channels]; `count` is a scalar, `mean` and `m2` are [channels].
 *
 * @example
 * ```ts
 * import { channelMoments, varianceOf } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const moments = channelMoments(tf.tensor2d([[1, 0], [3, 0]]));
 * if (moments.mean.dataSync().join() !== "2,0") throw new Error(`${moments.mean}`);
 * if (varianceOf(moments, "unbiased").dataSync().join() !== "2,0") throw new Error("variance");
 * ```
 */
export function channelMoments(
  x: Tensor,
  { channelsFirst = false, mask }: ChannelMomentsOptions = {},
): Moments {
  checkRank("channelMoments", x, 2, "[batch, ..., channels]");
  return treeTidy(() => centeredMoments(x, channelAxis(x.rank, channelsFirst), mask).moments);
}

/** The moments of each channel, and x − mean. */
export function centeredMoments(
  x: Tensor,
  axis: number,
  mask: Tensor | undefined,
): { readonly moments: Moments; readonly centered: Tensor } {
  const axes = axesBut(x.rank, axis);
  const { count, sums } = mask === undefined ? all(x, axis, axes) : kept(x, axis, axes, mask);
  const place = (vector: Tensor): Tensor => alongAxis(vector, x.rank, axis);
  const means = (values: Tensor): Tensor => div(sums(values), maximum(count, 1));
  const average = means(x);
  const differences = sub(x, place(average));
  // The mean is rounded: see `center`.
  const centered = sub(differences, place(means(differences)));
  return { moments: { count, mean: average, m2: sums(square(centered)) }, centered };
}

/**
 * The moments of two sets of values together, from the moments of each: as if they had been one.
 *
 * n = nₐ + n_b, δ = meanₐ − mean_b, mean = (nₐ meanₐ + n_b mean_b) / n computed from δ, and
 * M₂ = M₂ₐ + M₂_b + δ² nₐ n_b / n. With it batches too large for memory, or on several devices, are
 * normalised like one ("synchronised" batch normalisation).
 *
 * Reference: Chan, Golub and LeVeque, 1979, http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf.
 *
 * @example
 * ```ts
 * import { channelMoments, mergeMoments } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [a, b] = [tf.tensor2d([[1], [3]]), tf.tensor2d([[5]])];
 * const both = mergeMoments(channelMoments(a), channelMoments(b));
 * if (both.mean.dataSync()[0] !== 3 || both.m2.dataSync()[0] !== 8) throw new Error(`${both.m2}`);
 * ```
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  return treeTidy(() => {
    const count = add(a.count, b.count);
    const share = div(b.count, maximum(count, 1));
    const delta = sub(b.mean, a.mean);
    return {
      count,
      mean: add(a.mean, mul(delta, share)),
      m2: add(add(a.m2, b.m2), mul(square(delta), mul(a.count, share))),
    };
  });
}

/**
 * The variance of moments: M₂ / n if biased, M₂ / (n − 1) if unbiased; never negative.
 *
 * Without values, and unbiased with only one, it is 0.
 */
export function varianceOf(moments: Moments, kind: "biased" | "unbiased"): Tensor {
  return treeTidy(() => {
    const { count, m2 } = moments;
    return div(m2, maximum(kind === "biased" ? count : sub(count, 1), 1));
  });
}

/** How many values of a channel count, and the sums of those. */
interface Counted {
  readonly count: Tensor;
  readonly sums: (values: Tensor) => Tensor;
}

function all(x: Tensor, axis: number, axes: number[]): Counted {
  const count = constant(valuesPerChannel(x, axis));
  return { count, sums: (values) => sum(values, axes) };
}

function kept(x: Tensor, axis: number, axes: number[], mask: Tensor): Counted {
  const chosen = cast(expandDims(mask, axis), "bool");
  const positions = x.shape.map((size, i) => (i === axis ? 1 : size));
  const fits = chosen.shape.every((size, i) => size === 1 || size === positions[i]);
  if (chosen.rank !== x.rank || !fits) {
    const wanted = showShape(x.shape.filter((_, i) => i !== axis));
    const got = `got ${showShape(mask.shape)} (input ${showShape(x.shape)})`;
    throw new LayerError("channelMoments", `expected a mask of shape ${wanted}, ${got}`);
  }
  return {
    count: sum(broadcastTo(cast(chosen, "float32"), positions)),
    // A selection, not a product: what is masked may be NaN.
    sums: (values) => sum(where(chosen, values, zerosLike(values)), axes),
  };
}
