import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { tensorOf } from "./arithmetic.ts";
import type { Coefficient } from "./types.ts";

/**
 * The identity: a fresh tensor with the same values.
 *
 * @example
 * ```ts
 * import { identity } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (identity(tf.tensor1d([-1, 2])).dataSync().join() !== "-1,2") throw new Error("identity");
 * ```
 */
export function identity(x: Tensor): Tensor {
  return tf.clone(x);
}

/**
 * The exponential function: eˣ. In float32 it is infinite above 88.7, as everywhere.
 *
 * @example
 * ```ts
 * import { exponential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (exponential(tf.tensor1d([0])).dataSync()[0] !== 1) throw new Error("e⁰");
 * ```
 */
export function exponential(x: Tensor): Tensor {
  return tf.exp(x);
}

/**
 * The bell curve: e^(−x²), without the ½ of the normal density.
 *
 * @example
 * ```ts
 * import { gaussian } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (gaussian(tf.tensor1d([0, 1000])).dataSync().join() !== "1,0") throw new Error("gaussian");
 * ```
 */
export function gaussian(x: Tensor): Tensor {
  return tf.tidy(() => tf.exp(tf.neg(tf.square(x))));
}

/**
 * The bent identity: (√(x² + 1) − 1) / 2 + x.
 *
 * @example
 * ```ts
 * import { bentIdentity } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (bentIdentity(tf.tensor1d([0])).dataSync()[0] !== 0) throw new Error("bent");
 * ```
 */
export function bentIdentity(x: Tensor): Tensor {
  return tf.tidy(() => {
    const root = tf.sqrt(tf.add(tf.square(x), 1));
    return tf.add(tf.mul(tf.sub(root, 1), 0.5), x);
  });
}

/** Options of {@link sine}. */
export interface SineOptions {
  /** The frequency ω. Default 1; the hidden layers of SIREN have 30. */
  readonly omega?: number | undefined;
}

/**
 * The sine: sin(ω x).
 *
 * Reference: Sitzmann et al., 2020, https://arxiv.org/abs/2006.09661.
 *
 * @example
 * ```ts
 * import { activation, sine } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (sine(tf.tensor1d([0])).dataSync()[0] !== 0) throw new Error("sin 0");
 * const siren = activation("sine", { omega: 30 });
 * ```
 */
export function sine(x: Tensor, { omega = 1 }: SineOptions = {}): Tensor {
  return tf.tidy(() => tf.sin(tf.mul(x, tensorOf(omega))));
}

/** Options of {@link snake}. */
export interface SnakeOptions {
  /** The frequency, not 0; a tensor where it is trained. Default 1. */
  readonly alpha?: Coefficient | undefined;
}

/**
 * Snake: x + sin²(α x) / α, for periodic functions with a trend.
 *
 * Reference: Ziyin et al., 2020, https://arxiv.org/abs/2006.08195.
 *
 * @example
 * ```ts
 * import { snake } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = snake(tf.tensor1d([Math.PI / 2])).dataSync();
 * if (Math.abs((y ?? 0) - (Math.PI / 2 + 1)) > 1e-6) throw new Error(String(y));
 * ```
 */
export function snake(x: Tensor, { alpha = 1 }: SnakeOptions = {}): Tensor {
  if (alpha === 0) throw new LayerError("snake", "expected alpha other than 0, got 0");
  return tf.tidy(() => {
    const frequency = tensorOf(alpha);
    return tf.add(x, tf.div(tf.square(tf.sin(tf.mul(x, frequency))), frequency));
  });
}
