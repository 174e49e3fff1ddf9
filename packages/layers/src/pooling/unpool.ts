import { treeTidy } from "@layerwise/autodiff";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { add, maxPoolWithArgmax, range, reshape, scatterND } from "@tensorflow/tfjs-core";
import { outputSizes } from "../convolution/slide.ts";
import type { PerAxis } from "../convolution/window.ts";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import { poolAxes } from "./pool.ts";

/** Options of {@link maxPoolWithIndices}. */
export interface MaxPoolWithIndicesOptions {
  /** The size of the window. */
  readonly poolSize: PerAxis;
  /** Default: the size of the window. */
  readonly strides?: PerAxis | undefined;
  /** Default "valid". */
  readonly padding?: "valid" | "same" | undefined;
}

/** What {@link maxPoolWithIndices} returns. */
export type PooledWithIndices = {
  readonly y: Tensor4D;
  /** Where each value of `y` stood, int32. */
  readonly indices: Tensor4D;
};

const kind = "maxPoolWithIndices";

/**
 * Max pooling that also says where each maximum stood, for {@link maxUnpool}.
 *
 * A function, as it has two results: input [batch, height, width, channels]; `y` as of `maxPool2d`,
 * `indices` of the same shape. An index counts through one image, (row · width + column) ·
 * channels + channel, as in TensorFlow; PyTorch counts through one channel, row · width + column.
 * Differentiable in x. Of equal elements, the first wins.
 *
 * @example
 * ```ts
 * import { maxPoolWithIndices, maxUnpool } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor4d([1, 2, 9, 3, 4, 5, 6, 7], [1, 2, 4, 1]);
 * const { y, indices } = maxPoolWithIndices(x, { poolSize: 2 });
 * const back = maxUnpool(y, indices, [2, 4, 1]);
 * if (back.dataSync().join() !== "0,0,9,0,0,5,0,0") throw new Error(String(back));
 * ```
 */
export function maxPoolWithIndices(
  x: Tensor4D,
  { poolSize, strides, padding = "valid" }: MaxPoolWithIndicesOptions,
): PooledWithIndices {
  const axes = poolAxes(kind, 2, { poolSize, strides, padding });
  if (x.rank !== 4) {
    const wanted = "expected input [batch, height, width, channels]";
    throw new LayerError(kind, `${wanted}, got ${showShape(x.shape)}`);
  }
  outputSizes(kind, axes, x.shape.slice(1, 3));
  const sizes = axes.map(({ size }) => size) as [number, number];
  const steps = axes.map(({ stride }) => stride) as [number, number];
  return treeTidy(() => {
    const { result, indexes } = maxPoolWithArgmax(x, sizes, steps, padding);
    return { y: result as Tensor4D, indices: indexes as Tensor4D };
  });
}

/**
 * Puts pooled values back where they stood and zeros elsewhere.
 *
 * `y` and `indices` from {@link maxPoolWithIndices}; `outputShape` [height, width, channels] is that
 * of the image pooled. Where windows overlapped, values with the same index are added (PyTorch keeps
 * one of them). Linear in y.
 *
 * Reference: Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901.
 *
 * @example
 * ```ts
 * import { maxUnpool } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = tf.tensor4d([5, 7], [2, 1, 1, 1]);
 * const indices = tf.tensor4d([3, 0], [2, 1, 1, 1], "int32");
 * const x = maxUnpool(y, indices, [2, 2, 1]);
 * if (x.dataSync().join() !== "0,0,0,5,7,0,0,0") throw new Error(String(x));
 * ```
 */
export function maxUnpool(y: Tensor4D, indices: Tensor4D, outputShape: Shape): Tensor4D {
  if (y.rank !== 4 || String(y.shape) !== String(indices.shape) || outputShape.length !== 3) {
    const wanted = "expected values and indices [batch, rows, columns, channels] and a shape of 3";
    const got = [y.shape, indices.shape, outputShape].map(showShape).join(", ");
    throw new LayerError("maxUnpool", `${wanted}, got ${got}`);
  }
  const [batch] = y.shape;
  const size = outputShape.reduce((a, b) => a * b, 1);
  return treeTidy(() => {
    const starts = reshape(range(0, batch * size, size, "int32"), [batch, 1, 1, 1]);
    const places = reshape(add(indices, starts), [-1, 1]);
    const flat = scatterND(places, reshape(y, [-1]), [batch * size]);
    return reshape(flat, [batch, ...outputShape] as [number, number, number, number]);
  });
}
