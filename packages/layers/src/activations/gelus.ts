import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The Gaussian error linear unit: x Φ(x) = x (1 + erf(x / √2)) / 2.
 *
 * The exact form, as PyTorch and Keras have it by default; JAX's default is {@link geluTanh}.
 * Reference: Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415.
 *
 * @example
 * ```ts
 * import { gelu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = gelu(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 0.841345) > 1e-6) throw new Error(String(y));
 * ```
 */
export function gelu(x: Tensor): Tensor {
  return tf.tidy(() => {
    const twice = tf.add(tf.erf(tf.mul(x, constant(Math.SQRT1_2))), 1);
    return tf.mul(tf.mul(x, 0.5), twice);
  });
}

/**
 * The tangent form of {@link gelu}: x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
 *
 * JAX's default, and PyTorch's with `approximate="tanh"`; at most 5e-4 from the exact form.
 * Reference: Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415.
 *
 * @example
 * ```ts
 * import { geluTanh } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = geluTanh(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 0.841192) > 1e-6) throw new Error(String(y));
 * ```
 */
export function geluTanh(x: Tensor): Tensor {
  return tf.tidy(() => {
    const cubic = tf.mul(x, tf.add(tf.mul(tf.square(x), constant(0.044715)), 1));
    const bent = tf.tanh(tf.mul(cubic, constant(Math.sqrt(2 / Math.PI))));
    return tf.mul(tf.mul(x, 0.5), tf.add(bent, 1));
  });
}

/**
 * The logistic form of {@link gelu}: x σ(1.702 x), at most 0.02 from the exact form.
 *
 * Reference: Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415.
 *
 * @example
 * ```ts
 * import { quickGelu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = quickGelu(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 0.845796) > 1e-6) throw new Error(String(y));
 * ```
 */
export function quickGelu(x: Tensor): Tensor {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(tf.mul(x, constant(1.702)))));
}
