import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";

/** Options of {@link maxout}. */
export interface MaxoutOptions {
  /** The number of neighbours that compete. Default 2. */
  readonly pieces?: number | undefined;
}

/**
 * Maxout: the largest of each group of `pieces` neighbours on the last axis.
 *
 * [..., n pieces] → [..., n]. The first of equal winners gets the whole derivative. After a dense
 * layer of n · pieces units it is the layer of the paper: Goodfellow et al., 2013,
 * https://arxiv.org/abs/1302.4389.
 *
 * @example
 * ```ts
 * import { activation, dense, maxout, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = maxout(tf.tensor2d([[1, 5, 2, 3, 0, 4]]), { pieces: 3 });
 * if (y.dataSync().join() !== "5,4") throw new Error(String(y));
 * const layer = sequential([dense({ units: 20 }), activation("maxout", { pieces: 2 })]);
 * if (layer.outputShape([7]).join() !== "10") throw new Error("units");
 * ```
 */
export function maxout(x: Tensor, { pieces = 2 }: MaxoutOptions = {}): Tensor {
  const shape = maxoutShape(x.shape, { pieces });
  return tf.tidy(() => {
    const groups = tf.reshape(x, [...shape, pieces]);
    // Not the maximum, which shares the derivative among equals.
    const first = tf.equal(tf.expandDims(tf.argMax(groups, -1), -1), tf.range(0, pieces));
    return tf.sum(tf.where(first, groups, tf.zerosLike(groups)), -1);
  });
}

/** The shape after {@link maxout}. */
export function maxoutShape(shape: Shape, { pieces = 2 }: MaxoutOptions = {}): Shape {
  if (!Number.isInteger(pieces) || pieces < 1) {
    throw new LayerError("maxout", `expected a positive whole number of pieces, got ${pieces}`);
  }
  const last = shape.at(-1) ?? 0;
  if (last > 0 && last % pieces === 0) return [...shape.slice(0, -1), last / pieces];
  const got = `${shape.at(-1) ?? "none"} (input ${showShape(shape)})`;
  throw new LayerError("maxout", `expected a last axis divisible by ${pieces}, got ${got}`);
}

/** Options of {@link kWinners}. */
export interface KWinnersOptions {
  /** How many elements of the last axis are kept. */
  readonly k: number;
}

/**
 * Keeps the k largest elements of the last axis and sets the others to 0.
 *
 * Of equal elements the first win, so that exactly k are kept; only winners get derivatives. The
 * nonlinearity of k-sparse autoencoders: Makhzani and Frey, 2013, https://arxiv.org/abs/1312.5663.
 *
 * @example
 * ```ts
 * import { activation, kWinners } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = kWinners(tf.tensor2d([[3, -1, 5, 3]]), { k: 2 });
 * if (y.dataSync().join() !== "3,0,5,0") throw new Error(String(y));
 * const layer = activation((x) => kWinners(x, { k: 25 }), { name: "kWinners" });
 * ```
 */
export function kWinners(x: Tensor, { k }: KWinnersOptions): Tensor {
  const n = x.shape.at(-1) ?? 0;
  if (!Number.isInteger(k) || k < 1 || k > n) {
    const got = `${k} (input ${showShape(x.shape)})`;
    throw new LayerError("kWinners", `expected a whole k from 1 to the last axis, got ${got}`);
  }
  return tf.tidy(() => {
    const least = tf.slice(tf.topk(x, k, true).values, lastCorner(x.rank, k - 1), lastSize(x));
    const above = tf.greater(x, least);
    const equal = tf.equal(x, least);
    const free = tf.sub(k, tf.sum(tf.cast(above, "float32"), -1, true));
    const place = tf.cumsum(tf.cast(equal, "float32"), x.rank - 1);
    const winners = tf.logicalOr(above, tf.logicalAnd(equal, tf.lessEqual(place, free)));
    return tf.where(winners, x, tf.zerosLike(x));
  });
}

const lastCorner = (rank: number, at: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i === rank - 1 ? at : 0));

const lastSize = ({ shape }: Tensor): number[] => [...shape.slice(0, -1), 1];
