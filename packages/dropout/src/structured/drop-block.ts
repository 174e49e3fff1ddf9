import { constant, random } from "@layerwise/autodiff";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import {
  cast,
  clone,
  div,
  greater,
  maximum,
  maxPool,
  mul,
  pad,
  sub,
  sum,
  tidy,
  transpose,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { checkAxes, checkCount, checkRate } from "../core/check.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link dropBlock}. */
export interface DropBlockOptions {
  /** The share of the area to drop, about, in [0, 1]. */
  readonly rate: number;
  /** The side of the squares, cut to the height and width of the input. Default 7. */
  readonly blockSize?: number | undefined;
  /** Whether all channels of a sample lose the same squares. Default true. */
  readonly coupleChannels?: boolean | undefined;
  /** Whether the axis of channels comes right after the batch axis. Default false: it is last. */
  readonly channelsFirst?: boolean | undefined;
}

/**
 * DropBlock: drops squares of k × k neighbours and multiplies the rest by count / kept.
 *
 * Input [batch, height, width, channels]. Corners of squares are drawn where the whole square fits,
 * each with probability γ = p H W / (k² (H − k + 1)(W − k + 1)), at most 1. Squares may overlap, so
 * that somewhat less than p is dropped. Rates 0 and 1 are exact. In training only; needs `key` there.
 *
 * γ, the cut of k and the scale over the batch follow timm. There, squares of even sides make the
 * mask larger than the input; here, odd and even sides work alike. The paper raises p from 0 during
 * training and draws channels independently (`coupleChannels: false`).
 *
 * Reference: Ghiasi et al., DropBlock, 2018, https://arxiv.org/abs/1810.12890.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropBlock } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dropBlock({ rate: 0.2, blockSize: 3 });
 * const x = tf.ones([4, 12, 12, 8]);
 * const { y } = layer.apply({ params: null, state: null }, x, { training: true, key: random.key(0) });
 * const mean = tf.mean(y).dataSync()[0] ?? 0; // the scale keeps the mean of a constant image
 * if (Math.abs(mean - 1) > 1e-5) throw new Error(String(mean));
 * ```
 */
export function dropBlock({
  rate,
  blockSize = 7,
  coupleChannels = true,
  channelsFirst = false,
}: DropBlockOptions): StochasticLayer {
  const kind = "dropBlock";
  checkRate(kind, rate);
  checkCount(kind, "pixels as blockSize", blockSize);
  const axes = channelsFirst ? ["channels", "height", "width"] : ["height", "width", "channels"];
  const draw = (key: Tensor, x: Tensor): Tensor => {
    if (rate === 0) return clone(x);
    if (rate === 1) return zerosLike(x);
    const [samples, ...rest] = x.shape as [number, number, number, number];
    const [height, width, channels] = channelsFirst ? [rest[1], rest[2], rest[0]] : rest;
    const size = Math.min(blockSize, height, width);
    const [rows, columns] = [height - size + 1, width - size + 1];
    const shape = [samples, rows, columns, coupleChannels ? 1 : channels];
    const corners = random.bernoulli(key, blockRate(rate, size, height, width), shape);
    const keep = keepOutsideBlocks(corners, size);
    return keepBlocks(x, channelsFirst ? transpose(keep, [0, 3, 1, 2]) : keep);
  };
  return noiseLayer({
    kind,
    draw: (key, x) => tidy(() => draw(key, x)),
    check: (shape) => checkAxes(kind, ["batch", ...axes], shape),
  });
}

/** γ: the probability of a corner such that about the share `rate` of the area is dropped. */
export function blockRate(rate: number, size: number, height: number, width: number): number {
  const corners = (height - size + 1) * (width - size + 1);
  return Math.min(1, (rate * height * width) / (size * size * corners));
}

/** 1 outside and 0 inside the squares whose upper left corners [n, rows, columns, c] are set. */
export function keepOutsideBlocks(corners: Tensor, size: number): Tensor {
  return tidy(() => {
    const margin: [number, number] = [size - 1, size - 1];
    const padded = pad(cast(corners, "float32"), [[0, 0], margin, margin, [0, 0]]);
    // A pixel is covered when one of the size² corners up and left of it is set.
    return sub(1, maxPool(padded as Tensor4D, size, 1, "valid"));
  });
}

/** x · count / kept where `keep` is 1, zero elsewhere. */
export function keepBlocks(x: Tensor, keep: Tensor): Tensor {
  return tidy(() => {
    const scale = div(constant(keep.size), maximum(sum(keep), 1));
    return where(greater(keep, 0), mul(x, scale), zerosLike(x));
  });
}
