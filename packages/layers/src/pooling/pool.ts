import { treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { avgPool, maxPool, pad } from "@tensorflow/tfjs-core";
import { fromImage, imageShape, type Layout, shapeOfImage, toImage } from "../convolution/image.ts";
import { outputSizes, type Slide, slideOver } from "../convolution/slide.ts";
import {
  type PerAxis,
  padsOf,
  reach,
  type WindowAxis,
  type WindowOptions,
  windowAxes,
} from "../convolution/window.ts";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";

/** Options of pooling layers. */
export interface PoolOptions extends WindowOptions {
  /** The size of the window. */
  readonly poolSize: PerAxis;
  /** Default: the size of the window, so that windows do not overlap. */
  readonly strides?: PerAxis | undefined;
}

/** Options of pooling layers that take means. */
export interface AveragePoolOptions extends PoolOptions {
  /** Whether zeros of the padding count, as in PyTorch; in Keras and tfjs they do not. Default false. */
  readonly includePadding?: boolean | undefined;
}

/**
 * The largest element under a window that slides over sequences: see {@link maxPool2d}.
 *
 * @example
 * ```ts
 * import { maxPool1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor3d([1, 3, 2, 5], [1, 4, 1]);
 * const { y } = maxPool1d({ poolSize: 2 }).apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "3,5") throw new Error(String(y));
 * ```
 */
export function maxPool1d(options: PoolOptions): Layer<null, null> {
  return pooling("maxPool1d", 1, options, maximum);
}

/**
 * The largest element under a window that slides over images, channel by channel.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, channels], each size
 * ⌊(size + before + after − poolSize) / stride⌋ + 1. Padding never wins. The gradient goes to the
 * first of equal elements, row by row, as in PyTorch.
 *
 * @example
 * ```ts
 * import { maxPool2d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = maxPool2d({ poolSize: 3, strides: 2, padding: "same" });
 * const { y } = layer.apply({ params: null, state: null }, tf.ones([2, 28, 28, 8]));
 * if (y.shape.join() !== "2,14,14,8") throw new Error(String(y.shape));
 * ```
 */
export function maxPool2d(options: PoolOptions): Layer<null, null> {
  return pooling("maxPool2d", 2, options, maximum);
}

/**
 * The mean of the elements under a window that slides over sequences: see {@link averagePool2d}.
 *
 * @example
 * ```ts
 * import { averagePool1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor3d([1, 3, 2, 6], [1, 4, 1]);
 * const { y } = averagePool1d({ poolSize: 2 }).apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "2,4") throw new Error(String(y));
 * ```
 */
export function averagePool1d(options: AveragePoolOptions): Layer<null, null> {
  return pooling("averagePool1d", 1, options, meanOf(options));
}

/**
 * The mean of the elements under a window that slides over images, channel by channel.
 *
 * Shapes as in {@link maxPool2d}. Where the window hangs over the edge, the mean is that of the
 * elements of the input, as in Keras; with `includePadding`, zeros of the padding count, as by default
 * in PyTorch.
 *
 * @example
 * ```ts
 * import { averagePool2d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = averagePool2d({ poolSize: 2 });
 * const { y } = layer.apply({ params: null, state: null }, tf.ones([2, 28, 28, 8]));
 * if (y.shape.join() !== "2,14,14,8") throw new Error(String(y.shape));
 * ```
 */
export function averagePool2d(options: AveragePoolOptions): Layer<null, null> {
  return pooling("averagePool2d", 2, options, meanOf(options));
}

type Pool = (x: Tensor4D, slide: Slide) => Tensor;

const maximum: Pool = (x, { size, strides, pads }) => maxPool(x, size, strides, pads);

function meanOf({ includePadding = false }: AveragePoolOptions): Pool {
  return (x, { size, strides, pads }) =>
    includePadding
      ? avgPool(pad(x, pads), size, strides, "valid")
      : avgPool(x, size, strides, pads);
}

function pooling(kind: string, rank: 1 | 2, options: PoolOptions, pool: Pool): Layer<null, null> {
  const layout: Layout = { kind, rank, channelsFirst: options.channelsFirst ?? false };
  const axes = poolAxes(kind, rank, options);
  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        const image = toImage(layout, x);
        return { y: fromImage(layout, pool(image, slideOver(kind, axes, image))), state };
      }),
    outputShape: (inputShape) => {
      const { spatial, channels } = imageShape(layout, inputShape);
      return shapeOfImage(layout, outputSizes(kind, axes, spatial), channels);
    },
  } satisfies Layer<null, null>);
}

/** The windows of pooling options; throws where a window may see padding alone. */
export function poolAxes(
  kind: string,
  rank: 1 | 2,
  { poolSize, strides = poolSize, padding = "valid" }: PoolOptions,
): readonly WindowAxis[] {
  const axes = windowAxes(kind, rank, ["poolSize", poolSize], strides, padding);
  for (const axis of axes) {
    if (typeof axis.padding === "string") continue;
    const most = Math.max(...padsOf(axis, 0));
    if (most < reach(axis)) continue;
    throw new LayerError(kind, `expected padding less than the window ${axis.size}, got ${most}`);
  }
  return axes;
}
