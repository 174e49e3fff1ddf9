import * as tf from "@tensorflow/tfjs-core";
import { type Pads, padPairs } from "../convolution/window.ts";
import type { Layer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import { moving } from "./reshape.ts";

/** Options of {@link zeroPadding} and {@link cropping}. */
export interface EdgeOptions {
  /** How many elements at each side: one number for all spatial axes, or a number or [before, after] for each. */
  readonly edges: number | readonly (number | Pads)[];
  /** Channels on the axis after the batch, as PyTorch has them, not on the last. Default false. */
  readonly channelsFirst?: boolean | undefined;
}

/**
 * Adds zeros around sequences, images or volumes: [batch, ...spatial, channels].
 *
 * @example
 * ```ts
 * import { zeroPadding } from "@layerwise/layers";
 *
 * const layer = zeroPadding({ edges: [1, [0, 2]] });
 * if (layer.outputShape([5, 5, 3]).join() !== "7,7,3") throw new Error("shape");
 * ```
 */
export function zeroPadding(options: EdgeOptions): Layer<null, null> {
  const kind = "zeroPadding";
  checkEdges(kind, options);
  return moving(
    kind,
    (inputShape) =>
      inputShape.map((n, i) => n + sum(pairsOf(kind, options, inputShape)[i] ?? [0, 0])),
    (x) => {
      const pairs = pairsOf(kind, options, x.shape.slice(1));
      return tf.pad(x, [[0, 0], ...pairs.map(([a, b]) => [a, b] as [number, number])]);
    },
  );
}

/**
 * Cuts elements off the edges of sequences, images or volumes: [batch, ...spatial, channels].
 *
 * @example
 * ```ts
 * import { cropping } from "@layerwise/layers";
 *
 * const layer = cropping({ edges: [1, [0, 2]] });
 * if (layer.outputShape([7, 7, 3]).join() !== "5,5,3") throw new Error("shape");
 * ```
 */
export function cropping(options: EdgeOptions): Layer<null, null> {
  const kind = "cropping";
  checkEdges(kind, options);
  return moving(
    kind,
    (inputShape) => {
      const shape = inputShape.map(
        (n, i) => n - sum(pairsOf(kind, options, inputShape)[i] ?? [0, 0]),
      );
      if (shape.every((n) => n >= 1)) return shape;
      const wanted = `expected edges that leave something of ${showShape(inputShape)}`;
      throw new LayerError(kind, `${wanted}, got ${JSON.stringify(options.edges)}`);
    },
    (x, target) => {
      const starts = pairsOf(kind, options, x.shape.slice(1)).map(([before]) => before);
      return tf.slice(x, [0, ...starts], target);
    },
  );
}

/** Options of {@link mirrorPadding}. */
export interface MirrorOptions extends EdgeOptions {
  /** Whether the outermost element is itself repeated: "reflect" c b | a b c, "symmetric" b a | a b c. Default "reflect". */
  readonly mode?: "reflect" | "symmetric" | undefined;
}

/**
 * Continues sequences, images or volumes beyond their edges by their mirror image.
 *
 * "reflect" is PyTorch's ReflectionPad and needs edges less than the size; "symmetric" is NumPy's.
 *
 * @example
 * ```ts
 * import { mirrorPadding } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor3d([1, 2, 3], [1, 3, 1]);
 * const { y } = mirrorPadding({ edges: 2 }).apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "3,2,1,2,3,2,1") throw new Error(String(y));
 * ```
 */
export function mirrorPadding({ mode = "reflect", ...options }: MirrorOptions): Layer<null, null> {
  const kind = "mirrorPadding";
  checkEdges(kind, options);
  if (mode !== "reflect" && mode !== "symmetric") {
    throw new LayerError(kind, `expected mode reflect or symmetric, got ${mode}`);
  }
  const most = mode === "reflect" ? 1 : 0;
  return moving(
    kind,
    (inputShape) => {
      const pairs = pairsOf(kind, options, inputShape);
      if (inputShape.every((n, i) => Math.max(...(pairs[i] ?? [0, 0])) <= n - most)) {
        return inputShape.map((n, i) => n + sum(pairs[i] ?? [0, 0]));
      }
      const wanted = `expected edges that ${showShape(inputShape)} can mirror`;
      throw new LayerError(kind, `${wanted}, got ${JSON.stringify(options.edges)}`);
    },
    (x) => {
      const pairs = pairsOf(kind, options, x.shape.slice(1));
      const edges = [[0, 0], ...pairs.map(([a, b]) => [a, b])] as [number, number][];
      return tf.mirrorPad(x, edges, mode);
    },
  );
}

function checkEdges(kind: string, { edges }: EdgeOptions): void {
  padPairs(kind, "edges", edges, typeof edges === "number" ? 1 : edges.length);
}

/** The edges of every axis behind the batch. */
function pairsOf(
  kind: string,
  { edges, channelsFirst = false }: EdgeOptions,
  shape: Shape,
): Pads[] {
  const rank = typeof edges === "number" ? shape.length - 1 : edges.length;
  if (shape.length !== rank + 1 || rank < 1) {
    const spatial = typeof edges === "number" ? "at least 1" : String(rank);
    const wanted = `expected an input shape of ${spatial} spatial axes and channels`;
    throw new LayerError(kind, `${wanted}, got ${showShape(shape)}`);
  }
  const pairs = padPairs(kind, "edges", edges, rank);
  return channelsFirst ? [[0, 0], ...pairs] : [...pairs, [0, 0]];
}

function sum([before, after]: Pads): number {
  return before + after;
}
