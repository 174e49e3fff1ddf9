import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { clampOpen } from "./arithmetic.ts";

/**
 * The logistic function: σ(x) = 1 / (1 + e⁻ˣ).
 *
 * @example
 * ```ts
 * import { sigmoid } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (sigmoid(tf.tensor1d([-1000, 0, 1000])).dataSync().join() !== "0,0.5,1") throw new Error("σ");
 * ```
 */
export function sigmoid(x: Tensor): Tensor {
  return tf.sigmoid(x);
}

/**
 * The logarithm of the logistic function: ln σ(x) = −softplus(−x), without overflow.
 *
 * @example
 * ```ts
 * import { logSigmoid } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = logSigmoid(tf.tensor1d([-1000])).dataSync();
 * if (y !== -1000) throw new Error(String(y));
 * ```
 */
export function logSigmoid(x: Tensor): Tensor {
  return tf.tidy(() => tf.neg(tf.softplus(tf.neg(x))));
}

/**
 * The piecewise linear sigmoid: min(max(x / 6 + ½, 0), 1), with derivative 0 at ±3.
 *
 * PyTorch, JAX and Keras 3 have this one (1 → 0.6667); Keras 2 and tfjs-layers have
 * {@link hardSigmoidKeras2}.
 *
 * @example
 * ```ts
 * import { hardSigmoid } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (hardSigmoid(tf.tensor1d([-3, 0, 4])).dataSync().join() !== "0,0.5,1") throw new Error("hard");
 * ```
 */
export function hardSigmoid(x: Tensor): Tensor {
  return tf.tidy(() => clampOpen(tf.add(tf.div(x, 6), 0.5), 0, 1));
}

/**
 * The piecewise linear sigmoid of Keras 2 and tfjs-layers: min(max(x / 5 + ½, 0), 1) (1 → 0.7).
 *
 * The derivative at ±2.5 is 0. PyTorch, JAX and Keras 3 have {@link hardSigmoid}. Reference:
 * Courbariaux et al., 2015, https://arxiv.org/abs/1511.00363.
 *
 * @example
 * ```ts
 * import { hardSigmoidKeras2 } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = hardSigmoidKeras2(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 0.7) > 1e-6) throw new Error(String(y));
 * ```
 */
export function hardSigmoidKeras2(x: Tensor): Tensor {
  return tf.tidy(() => clampOpen(tf.add(tf.mul(x, constant(0.2)), 0.5), 0, 1));
}
