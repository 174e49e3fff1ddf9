import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { checkPositive, positiveOr, tensorOf } from "./arithmetic.ts";

/** Options of {@link elu} and {@link celu}. */
export interface EluOptions {
  /** Minus the limit at −∞. Default 1. */
  readonly alpha?: number | undefined;
}

/**
 * The exponential linear unit: x for x > 0, otherwise α (eˣ − 1).
 *
 * At 0 the derivative is α, as in PyTorch. Reference: Clevert et al., 2016,
 * https://arxiv.org/abs/1511.07289.
 *
 * @example
 * ```ts
 * import { elu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = elu(tf.tensor1d([-1000, 3]), { alpha: 2 });
 * if (y.dataSync().join() !== "-2,3") throw new Error(String(y));
 * ```
 */
export function elu(x: Tensor, { alpha = 1 }: EluOptions = {}): Tensor {
  checkPositive("elu", "alpha", alpha);
  if (alpha === 1) return tf.elu(x);
  return tf.tidy(() => positiveOr(x, (v) => tf.mul(tf.expm1(v), tensorOf(alpha))));
}

/**
 * The continuously differentiable exponential linear unit: x for x > 0, otherwise α (e^(x/α) − 1).
 *
 * Its derivative at 0 is 1 for any α, unlike that of {@link elu}. Reference: Barron, 2017,
 * https://arxiv.org/abs/1704.07483.
 *
 * @example
 * ```ts
 * import { celu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = celu(tf.tensor1d([-1000, 3]), { alpha: 2 });
 * if (y.dataSync().join() !== "-2,3") throw new Error(String(y));
 * ```
 */
export function celu(x: Tensor, { alpha = 1 }: EluOptions = {}): Tensor {
  checkPositive("celu", "alpha", alpha);
  return tf.tidy(() => {
    const scale = tensorOf(alpha);
    return positiveOr(x, (v) => tf.mul(tf.expm1(tf.div(v, scale)), scale));
  });
}

/**
 * The self-normalizing unit: 1.0507… x for x > 0, otherwise 1.0507… · 1.6732… (eˣ − 1).
 *
 * With {@link lecunNormal} kernels it keeps mean 0 and variance 1 over depth. Reference: Klambauer
 * et al., 2017, https://arxiv.org/abs/1706.02515.
 *
 * @example
 * ```ts
 * import { selu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = selu(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 1.0507009873554805) > 1e-6) throw new Error(String(y));
 * ```
 */
export function selu(x: Tensor): Tensor {
  return tf.selu(x);
}
