import { constant, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, addN, mul, pad, pow, slice, square } from "@tensorflow/tfjs-core";
import { channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkCount } from "../core/check.ts";

/** PyTorch's numbers: α is divided by the size of the window. */
export interface TorchLocalResponse {
  readonly convention: "torch";
  /** The number of channels in the window; an even window reaches one further down. */
  readonly size: number;
  /** Default 1e-4. */
  readonly alpha?: number | undefined;
  /** Default 0.75. */
  readonly beta?: number | undefined;
  /** Default 1. */
  readonly k?: number | undefined;
}

/** TensorFlow's numbers, and the paper's: α is not divided. */
export interface TensorflowLocalResponse {
  readonly convention: "tensorflow";
  /** The number of channels on each side. Default 5. */
  readonly radius?: number | undefined;
  /** Default 1. */
  readonly alpha?: number | undefined;
  /** Default 0.5. */
  readonly beta?: number | undefined;
  /** Default 1. */
  readonly bias?: number | undefined;
}

/** Options of {@link localResponseNorm}. */
export type LocalResponseNormOptions = LayoutOptions &
  (TorchLocalResponse | TensorflowLocalResponse);

/**
 * Local response normalisation: each value divided by a power of the sum of squares of neighbouring
 * channels: y = x / (k + α Σ x²)^β.
 *
 * The libraries mean different numbers, so the convention must be named: "torch" (window of `size`
 * channels, α / size, k) or "tensorflow" (2 `radius` + 1 channels, α, bias). AlexNet is "tensorflow"
 * with radius 2, alpha 1e-4, beta 0.75, bias 2. Beyond the first and last channel are zeros.
 *
 * Input [batch, ..., channels].
 *
 * Reference: Krizhevsky, Sutskever and Hinton, 2012,
 * https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html, section 3.3.
 *
 * @example
 * ```ts
 * import { localResponseNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = localResponseNorm({ convention: "tensorflow", radius: 1 });
 * const { y } = layer.apply({ params: null, state: null }, tf.tensor2d([[1, 1, 1]]));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 0.5) > 1e-6) throw new Error(`${y}`); // 1 / √(1 + 3)
 * ```
 */
export function localResponseNorm(options: LocalResponseNormOptions): Layer<null, null> {
  const { channelsFirst = false } = options;
  const { below, above, alpha, beta, k } = windowOf(options);
  return Object.freeze({
    kind: "localResponseNorm",
    init: (_, inputShape) => {
      channelsOf("localResponseNorm", inputShape, channelsFirst);
      return { params: null, state: null };
    },
    apply: ({ state }, x) =>
      treeTidy(() => {
        const axis = checkBatch("localResponseNorm", x, channelsFirst, []);
        const sums = windowSums(square(x), axis, below, above);
        const root = add(mul(sums, constant(alpha)), constant(k));
        return { y: mul(x, pow(root, constant(-beta))), state };
      }),
    outputShape: (inputShape) => {
      channelsOf("localResponseNorm", inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies Layer<null, null>);
}

interface Window {
  readonly below: number;
  readonly above: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

function windowOf(options: LocalResponseNormOptions): Window {
  const kind = "localResponseNorm";
  const window = readWindow(options);
  const { alpha, beta, k } = window;
  if (!(k > 0 && alpha >= 0 && Number.isFinite(k + alpha + beta))) {
    const wanted = "expected finite alpha >= 0, beta, and k (bias) > 0";
    throw new LayerError(kind, `${wanted}, got alpha ${alpha}, beta ${beta}, k ${k}`);
  }
  return window;
}

function readWindow(options: LocalResponseNormOptions): Window {
  const kind = "localResponseNorm";
  if (options.convention === "torch") {
    const { size, alpha = 1e-4, beta = 0.75, k = 1 } = options;
    checkCount(kind, "size", size);
    const below = Math.floor(size / 2);
    return { below, above: size - 1 - below, alpha: alpha / size, beta, k };
  }
  if (options.convention === "tensorflow") {
    const { radius = 5, alpha = 1, beta = 0.5, bias = 1 } = options;
    if (radius !== 0) checkCount(kind, "radius", radius);
    return { below: radius, above: radius, alpha, beta, k: bias };
  }
  const got = JSON.stringify((options as { convention?: unknown }).convention);
  throw new LayerError(kind, `expected convention "torch" or "tensorflow", got ${got}`);
}

/** For each position of an axis, the sum of what is from `below` before to `above` after it. */
function windowSums(x: Tensor, axis: number, below: number, above: number): Tensor {
  const size = x.shape[axis] ?? 0;
  // A window wider than the axis sees nothing more.
  const [before, after] = [Math.min(below, size - 1), Math.min(above, size - 1)];
  const padded = pad(
    x,
    x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
  );
  const shifted = Array.from({ length: before + after + 1 }, (_, offset) =>
    slice(
      padded,
      x.shape.map((_, i) => (i === axis ? offset : 0)),
      x.shape,
    ),
  );
  return addN(shifted);
}
