import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { clampOpen } from "./arithmetic.ts";

/**
 * The hyperbolic tangent.
 *
 * @example
 * ```ts
 * import { tanh } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (tanh(tf.tensor1d([-50, 0, 50])).dataSync().join() !== "-1,0,1") throw new Error("tanh");
 * ```
 */
export function tanh(x: Tensor): Tensor {
  return tf.tanh(x);
}

/** Options of {@link hardTanh}. */
export interface HardTanhOptions {
  /** The lower limit. Default −1. */
  readonly min?: number | undefined;
  /** The upper limit. Default 1. */
  readonly max?: number | undefined;
}

/**
 * The piecewise linear tangent: min(max(x, −1), 1), with derivative 0 at the limits, as in PyTorch.
 *
 * Reference: Collobert, 2004, https://ronan.collobert.com/pub/2004_phdthesis_lip6.pdf.
 *
 * @example
 * ```ts
 * import { hardTanh } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = hardTanh(tf.tensor1d([-3, 0.5, 3]), { max: 2 });
 * if (y.dataSync().join() !== "-1,0.5,2") throw new Error(String(y));
 * ```
 */
export function hardTanh(x: Tensor, { min = -1, max = 1 }: HardTanhOptions = {}): Tensor {
  if (!(min < max)) throw new LayerError("hardTanh", `expected min < max, got ${min} and ${max}`);
  return clampOpen(x, min, max);
}

/**
 * What the tangent takes away: x − tanh x.
 *
 * @example
 * ```ts
 * import { tanhShrink } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (tanhShrink(tf.tensor1d([-50, 0, 50])).dataSync().join() !== "-49,0,49") throw new Error("x");
 * ```
 */
export function tanhShrink(x: Tensor): Tensor {
  return tf.tidy(() => tf.sub(x, tf.tanh(x)));
}

/**
 * LeCun's scaled tangent: 1.7159 tanh(2 x / 3), which maps ±1 to ±1.
 *
 * Reference: LeCun et al., 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf.
 *
 * @example
 * ```ts
 * import { lecunTanh } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = lecunTanh(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 1) > 1e-4) throw new Error(String(y));
 * ```
 */
export function lecunTanh(x: Tensor): Tensor {
  return tf.tidy(() => tf.mul(tf.tanh(tf.mul(x, constant(2 / 3))), constant(1.7159)));
}

/**
 * Softsign: x / (1 + |x|).
 *
 * Reference: Glorot and Bengio, 2010, https://proceedings.mlr.press/v9/glorot10a.html.
 *
 * @example
 * ```ts
 * import { softsign } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (softsign(tf.tensor1d([-1, 3])).dataSync().join() !== "-0.5,0.75") throw new Error("softsign");
 * ```
 */
export function softsign(x: Tensor): Tensor {
  return tf.tidy(() => tf.div(x, tf.add(tf.abs(x), 1)));
}
