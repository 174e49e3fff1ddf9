import { treeTidy } from "@layerwise/autodiff";
import { image } from "@tensorflow/tfjs-core";
import { fromImage, imageShape, type Layout, shapeOfImage, toImage } from "../convolution/image.ts";
import { type PerAxis, perAxis } from "../convolution/window.ts";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";

/**
 * Where the elements of the input lie among those of the output.
 *
 * "halfPixel": elements are areas with centres at ½, 1½, …; output i lies at (i + ½) · in / out − ½.
 * "corners": the first and the last elements of both coincide; i · (in − 1) / (out − 1).
 * "asymmetric": left edges coincide; i · in / out.
 */
export type Alignment = "halfPixel" | "corners" | "asymmetric";

/** Options of {@link upsample1d} and {@link upsample2d}. */
export interface UpsampleOptions {
  /** How many times larger the output is. Give either this or `size`. */
  readonly factor?: PerAxis | undefined;
  /** The size of the output. */
  readonly size?: PerAxis | undefined;
  /** Whether to repeat elements or to interpolate between them. Default "nearest". */
  readonly mode?: "nearest" | "linear" | undefined;
  /** Default "halfPixel". */
  readonly alignment?: Alignment | undefined;
  /** Channels on the axis after the batch, as PyTorch has them, not on the last. Default false. */
  readonly channelsFirst?: boolean | undefined;
}

/**
 * Makes sequences longer, by repetition or linear interpolation: see {@link upsample2d}.
 *
 * @example
 * ```ts
 * import { upsample1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = upsample1d({ size: 3, mode: "linear", alignment: "corners" });
 * const { y } = layer.apply({ params: null, state: null }, tf.tensor3d([1, 5], [1, 2, 1]));
 * if (y.dataSync().join() !== "1,3,5") throw new Error(String(y));
 * ```
 */
export function upsample1d(options: UpsampleOptions): Layer<null, null> {
  return upsample("upsample1d", 1, options);
}

/**
 * Makes images larger (or smaller), by repetition or bilinear interpolation.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, channels]. Alignments by
 * their names elsewhere: for "linear", "halfPixel" is PyTorch's `align_corners: false` and what
 * Keras does, "corners" PyTorch's `align_corners: true`; for "nearest", "asymmetric" is PyTorch's
 * "nearest" and "halfPixel" its "nearest-exact" and Keras's, all the same for a whole factor.
 * There is no antialiasing when images shrink.
 *
 * @example
 * ```ts
 * import { upsample2d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor4d([1, 2], [1, 1, 2, 1]);
 * const { y } = upsample2d({ factor: 2 }).apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "1,1,2,2,1,1,2,2") throw new Error(String(y));
 * ```
 */
export function upsample2d(options: UpsampleOptions): Layer<null, null> {
  return upsample("upsample2d", 2, options);
}

const alignments: readonly string[] = ["halfPixel", "corners", "asymmetric"];

function upsample(kind: string, rank: 1 | 2, options: UpsampleOptions): Layer<null, null> {
  const { factor, size, mode = "nearest", alignment = "halfPixel" } = options;
  const layout: Layout = { kind, rank, channelsFirst: options.channelsFirst ?? false };
  if ((factor === undefined) === (size === undefined)) {
    throw new LayerError(kind, `expected either factor or size, got ${factor} and ${size}`);
  }
  if (!alignments.includes(alignment)) {
    throw new LayerError(kind, `expected one of ${alignments.join(", ")}, got ${alignment}`);
  }
  if (mode !== "nearest" && mode !== "linear") {
    throw new LayerError(kind, `expected mode nearest or linear, got ${mode}`);
  }
  const fixed = size === undefined ? undefined : perAxis(kind, "size", size, rank);
  const factors = factor === undefined ? [] : perAxis(kind, "factor", factor, rank);
  const sizesOf = (spatial: readonly number[]): number[] =>
    fixed ?? spatial.map((n, i) => n * (factors[i] ?? 1));

  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        const before = toImage(layout, x);
        const sizes = sizesOf(before.shape.slice(3 - rank, 3));
        const target: [number, number] = [rank === 1 ? 1 : (sizes[0] ?? 1), sizes.at(-1) ?? 1];
        const resize = mode === "linear" ? image.resizeBilinear : image.resizeNearestNeighbor;
        const after = resize(before, target, alignment === "corners", alignment === "halfPixel");
        return { y: fromImage(layout, after), state };
      }),
    outputShape: (inputShape) => {
      const { spatial, channels } = imageShape(layout, inputShape);
      return shapeOfImage(layout, sizesOf(spatial), channels);
    },
  } satisfies Layer<null, null>);
}
