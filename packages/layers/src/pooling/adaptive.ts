import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { concat, max, mean, slice } from "@tensorflow/tfjs-core";
import { fromImage, imageShape, type Layout, shapeOfImage, toImage } from "../convolution/image.ts";
import { type PerAxis, perAxis } from "../convolution/window.ts";
import type { Layer } from "../core/layer.ts";

/** Options of adaptive pooling layers. */
export interface AdaptivePoolOptions {
  /** The size of the output. */
  readonly size: PerAxis;
  /** Channels on the axis after the batch, as PyTorch has them, not on the last. Default false. */
  readonly channelsFirst?: boolean | undefined;
}

/**
 * Means over as many parts of a sequence as are asked for: see {@link adaptiveAveragePool2d}.
 *
 * @example
 * ```ts
 * import { adaptiveAveragePool1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor3d([1, 3, 5], [1, 3, 1]);
 * const { y } = adaptiveAveragePool1d({ size: 2 }).apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "2,4") throw new Error(String(y));
 * ```
 */
export function adaptiveAveragePool1d(options: AdaptivePoolOptions): Layer<null, null> {
  return adaptive("adaptiveAveragePool1d", 1, options, mean);
}

/**
 * Means over as many parts of an image as are asked for, whatever its size.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, channels]. Part i of m along
 * an axis of n elements is ⌊i n / m⌋ … ⌈(i + 1) n / m⌉ − 1, as in PyTorch: neighbours share an element
 * where m does not divide n. Meant for few parts: the graph has a step for each row and column.
 *
 * Reference: He et al., 2014 (spatial pyramids), https://arxiv.org/abs/1406.4729.
 *
 * @example
 * ```ts
 * import { adaptiveAveragePool2d } from "@layerwise/layers";
 *
 * const layer = adaptiveAveragePool2d({ size: 3 });
 * if (layer.outputShape([28, 17, 8]).join() !== "3,3,8") throw new Error("shape");
 * ```
 */
export function adaptiveAveragePool2d(options: AdaptivePoolOptions): Layer<null, null> {
  return adaptive("adaptiveAveragePool2d", 2, options, mean);
}

/**
 * Maxima over as many parts of a sequence as are asked for: see {@link adaptiveMaxPool2d}.
 *
 * @example
 * ```ts
 * import { adaptiveMaxPool1d } from "@layerwise/layers";
 *
 * const layer = adaptiveMaxPool1d({ size: 4 });
 * if (layer.outputShape([30, 8]).join() !== "4,8") throw new Error("shape");
 * ```
 */
export function adaptiveMaxPool1d(options: AdaptivePoolOptions): Layer<null, null> {
  return adaptive("adaptiveMaxPool1d", 1, options, max);
}

/**
 * Maxima over as many parts of an image as are asked for, parts as in {@link adaptiveAveragePool2d}.
 *
 * Elements that share a maximum share its gradient (in PyTorch the first gets it).
 *
 * @example
 * ```ts
 * import { adaptiveMaxPool2d } from "@layerwise/layers";
 *
 * const layer = adaptiveMaxPool2d({ size: [2, 4] });
 * if (layer.outputShape([28, 17, 8]).join() !== "2,4,8") throw new Error("shape");
 * ```
 */
export function adaptiveMaxPool2d(options: AdaptivePoolOptions): Layer<null, null> {
  return adaptive("adaptiveMaxPool2d", 2, options, max);
}

type Reduce = (x: Tensor, axis: number, keepDims: boolean) => Tensor;

function adaptive(
  kind: string,
  rank: 1 | 2,
  { size, channelsFirst = false }: AdaptivePoolOptions,
  reduce: Reduce,
): Layer<null, null> {
  const layout: Layout = { kind, rank, channelsFirst };
  const sizes = perAxis(kind, "size", size, rank);
  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        const start: Tensor = toImage(layout, x);
        const pooled = sizes.reduce((y, m, i) => poolAxis(y, 3 - rank + i, m, reduce), start);
        return { y: fromImage(layout, pooled), state };
      }),
    outputShape: (inputShape) =>
      shapeOfImage(layout, sizes, imageShape(layout, inputShape).channels),
  } satisfies Layer<null, null>);
}

function poolAxis(x: Tensor, axis: number, parts: number, reduce: Reduce): Tensor {
  const n = x.shape[axis] ?? 0;
  const pieces = Array.from({ length: parts }, (_, i) => {
    const [start, end] = [Math.floor((i * n) / parts), Math.ceil(((i + 1) * n) / parts)];
    const begin = x.shape.map((_, a) => (a === axis ? start : 0));
    const length = x.shape.map((d, a) => (a === axis ? end - start : d));
    return reduce(slice(x, begin, length), axis, true);
  });
  return concat(pieces, axis);
}
