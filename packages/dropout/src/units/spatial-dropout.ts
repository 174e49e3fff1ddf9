import type { Tensor } from "@tensorflow/tfjs-core";
import { checkAxes, checkRate } from "../core/check.ts";
import { drop, sharedShape } from "../core/mask.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of layers that drop whole channels. */
export interface SpatialDropoutOptions {
  /** The probability of dropping a channel, in [0, 1]. */
  readonly rate: number;
  /** Whether the axis of channels comes right after the batch axis. Default false: it is last. */
  readonly channelsFirst?: boolean | undefined;
}

/**
 * Drops whole channels of sequences: one draw per sample and channel, 1 / (1 − rate) on the others.
 *
 * Input [batch, steps, channels]; [batch, channels, steps] with `channelsFirst`, as PyTorch's
 * `Dropout1d` has it. In training only; needs `key` there.
 *
 * Reference: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015,
 * https://arxiv.org/abs/1411.4280.
 *
 * @example
 * ```ts
 * import { spatialDropout1d } from "@layerwise/dropout";
 *
 * if (spatialDropout1d({ rate: 0.2 }).outputShape([10, 8]).join() !== "10,8") throw new Error();
 * ```
 */
export function spatialDropout1d(options: SpatialDropoutOptions): StochasticLayer {
  return spatial("spatialDropout1d", ["steps"], options);
}

/**
 * Drops whole channels of images: one draw per sample and channel, 1 / (1 − rate) on the others.
 *
 * Input [batch, height, width, channels]; [batch, channels, height, width] with `channelsFirst`, as
 * PyTorch's `Dropout2d` has it. In training only; needs `key` there.
 *
 * Reference: Tompson et al., 2015, https://arxiv.org/abs/1411.4280.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { spatialDropout2d } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = spatialDropout2d({ rate: 0.5 });
 * const x = tf.ones([2, 4, 4, 8]);
 * const { y } = layer.apply({ params: null, state: null }, x, { training: true, key: random.key(0) });
 * const spread = tf.sub(tf.max(y, [1, 2]), tf.min(y, [1, 2])); // a channel is kept or dropped as one
 * if (tf.sum(spread).dataSync()[0] !== 0) throw new Error(String(y));
 * ```
 */
export function spatialDropout2d(options: SpatialDropoutOptions): StochasticLayer {
  return spatial("spatialDropout2d", ["height", "width"], options);
}

/**
 * Drops whole channels of volumes: one draw per sample and channel, 1 / (1 − rate) on the others.
 *
 * Input [batch, depth, height, width, channels]; [batch, channels, depth, height, width] with
 * `channelsFirst`, as PyTorch's `Dropout3d` has it. In training only; needs `key` there.
 *
 * Reference: Tompson et al., 2015, https://arxiv.org/abs/1411.4280.
 *
 * @example
 * ```ts
 * import { spatialDropout3d } from "@layerwise/dropout";
 *
 * const shape = spatialDropout3d({ rate: 0.2 }).outputShape([4, 4, 4, 8]);
 * if (shape.length !== 4) throw new Error(String(shape));
 * ```
 */
export function spatialDropout3d(options: SpatialDropoutOptions): StochasticLayer {
  return spatial("spatialDropout3d", ["depth", "height", "width"], options);
}

function spatial(
  kind: string,
  space: readonly string[],
  { rate, channelsFirst = false }: SpatialDropoutOptions,
): StochasticLayer {
  checkRate(kind, rate);
  const axes = ["batch", ...(channelsFirst ? ["channels", ...space] : [...space, "channels"])];
  const shared = spatialAxes(axes.length, channelsFirst);
  return noiseLayer({
    kind,
    draw: (key: Tensor, x: Tensor) => drop(key, x, rate, sharedShape(x.shape, shared)),
    check: (shape) => checkAxes(kind, axes, shape),
  });
}

/** All axes but those of samples and channels. */
export function spatialAxes(rank: number, channelsFirst: boolean): number[] {
  return Array.from({ length: rank - 2 }, (_, i) => i + (channelsFirst ? 2 : 1));
}
