import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { clampOpen, tensorOf } from "./arithmetic.ts";

/**
 * The rectifier: max(x, 0), with derivative 0 at 0.
 *
 * Reference: Nair and Hinton, 2010, https://www.cs.toronto.edu/~hinton/absps/reluICML.pdf.
 *
 * @example
 * ```ts
 * import { relu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (relu(tf.tensor1d([-1, 2])).dataSync().join() !== "0,2") throw new Error("relu");
 * ```
 */
export function relu(x: Tensor): Tensor {
  return tf.relu(x);
}

/**
 * The rectifier that stops at 6: min(max(x, 0), 6), with derivative 0 at 0 and at 6.
 *
 * As PyTorch has it; tfjs has derivative 1 at 6. Reference: Krizhevsky, 2010,
 * https://www.cs.utoronto.ca/~kriz/conv-cifar10-aug2010.pdf.
 *
 * @example
 * ```ts
 * import { relu6 } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (relu6(tf.tensor1d([-1, 2, 9])).dataSync().join() !== "0,2,6") throw new Error("relu6");
 * ```
 */
export function relu6(x: Tensor): Tensor {
  return clampOpen(x, 0, 6);
}

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** The slope of the negative side. Default 0.01. */
  readonly negativeSlope?: number | undefined;
}

/**
 * The leaky rectifier: x for x > 0, otherwise negativeSlope · x.
 *
 * The default slope is that of PyTorch and JAX; {@link leakyReluKeras} has 0.3, and Keras's function
 * (unlike its layer) and tfjs have 0.2. At 0 the derivative is the slope, as in PyTorch. Reference:
 * Maas et al., 2013, https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf.
 *
 * @example
 * ```ts
 * import { activation, leakyRelu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = leakyRelu(tf.tensor1d([-4, 2]), { negativeSlope: 0.25 });
 * if (y.dataSync().join() !== "-1,2") throw new Error(String(y));
 * const layer = activation("leakyRelu", { negativeSlope: 0.2 });
 * ```
 */
export function leakyRelu(x: Tensor, { negativeSlope = 0.01 }: LeakyReluOptions = {}): Tensor {
  return tf.leakyRelu(x, negativeSlope);
}

/**
 * The leaky rectifier with slope 0.3, the default of Keras's and tfjs's layer LeakyReLU.
 *
 * @example
 * ```ts
 * import { leakyReluKeras } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = leakyReluKeras(tf.tensor1d([-10])).dataSync();
 * if (Math.abs((y ?? 0) + 3) > 1e-6) throw new Error(String(y));
 * ```
 */
export function leakyReluKeras(x: Tensor): Tensor {
  return tf.leakyRelu(x, 0.3);
}

/**
 * The square of the rectifier: max(x, 0)².
 *
 * Reference: So et al., 2021, https://arxiv.org/abs/2109.08668.
 *
 * @example
 * ```ts
 * import { reluSquared } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (reluSquared(tf.tensor1d([-1, 3])).dataSync().join() !== "0,9") throw new Error("relu²");
 * ```
 */
export function reluSquared(x: Tensor): Tensor {
  return tf.tidy(() => tf.square(tf.relu(x)));
}

/** Options of {@link threshold}. */
export interface ThresholdOptions {
  /** The limit that x must exceed. Default 0. */
  readonly threshold?: number | undefined;
  /** What stands where x does not. Default 0. */
  readonly value?: number | undefined;
}

/**
 * Keeps what exceeds a threshold: x for x > threshold, otherwise `value`.
 *
 * PyTorch's Threshold; with threshold 1 and value 0 it is Keras's ThresholdedReLU. At the threshold
 * the value is `value` and the derivative 0.
 *
 * @example
 * ```ts
 * import { threshold } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = threshold(tf.tensor1d([0.5, 2]), { threshold: 1, value: -7 });
 * if (y.dataSync().join() !== "-7,2") throw new Error(String(y));
 * ```
 */
export function threshold(
  x: Tensor,
  { threshold: limit = 0, value = 0 }: ThresholdOptions = {},
): Tensor {
  return tf.tidy(() => tf.where(tf.lessEqual(x, tensorOf(limit)), tensorOf(value), x));
}
