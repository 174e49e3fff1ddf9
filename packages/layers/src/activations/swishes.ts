import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { tensorOf } from "./arithmetic.ts";
import type { Coefficient } from "./types.ts";

/**
 * The sigmoid linear unit: x σ(x), which is {@link swish} with β = 1.
 *
 * Reference: Elfwing et al., 2017, https://arxiv.org/abs/1702.03118.
 *
 * @example
 * ```ts
 * import { silu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = silu(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 0.731059) > 1e-6) throw new Error(String(y));
 * ```
 */
export function silu(x: Tensor): Tensor {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(x)));
}

/** Options of {@link swish}. */
export interface SwishOptions {
  /** How sharp the gate is; a tensor where it is trained. Default 1. */
  readonly beta?: Coefficient | undefined;
}

/**
 * Swish: x σ(β x). β = 1 is {@link silu}, β = 1.702 {@link quickGelu}; β → ∞ goes to {@link relu}.
 *
 * Reference: Ramachandran et al., 2017, https://arxiv.org/abs/1710.05941.
 *
 * @example
 * ```ts
 * import { swish } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = swish(tf.tensor1d([-2, 3]), { beta: 0 });
 * if (y.dataSync().join() !== "-1,1.5") throw new Error(String(y));
 * ```
 */
export function swish(x: Tensor, { beta = 1 }: SwishOptions = {}): Tensor {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(tf.mul(x, tensorOf(beta)))));
}

/**
 * The piecewise form of {@link silu}: x min(max(x + 3, 0), 6) / 6.
 *
 * Derivatives at the corners as in PyTorch 1: −½ at −3 and 1 at 3. Reference: Howard et al., 2019,
 * https://arxiv.org/abs/1905.02244.
 *
 * @example
 * ```ts
 * import { hardSwish } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (hardSwish(tf.tensor1d([-4, 3, 9])).dataSync().join() !== "0,3,9") throw new Error("hardSwish");
 * ```
 */
export function hardSwish(x: Tensor): Tensor {
  return tf.tidy(() => {
    const gate = tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6);
    // The linear side is its own branch: the product would have derivative 3/2 at 3. Adding 0 turns
    // the −0 of the flat side into 0.
    return tf.where(tf.greaterEqual(x, 3), x, tf.add(tf.mul(x, gate), 0));
  });
}

/**
 * Mish: x tanh(softplus(x)).
 *
 * Reference: Misra, 2019, https://arxiv.org/abs/1908.08681.
 *
 * @example
 * ```ts
 * import { mish } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = mish(tf.tensor1d([1])).dataSync();
 * if (Math.abs((y ?? 0) - 0.865098) > 1e-6) throw new Error(String(y));
 * ```
 */
export function mish(x: Tensor): Tensor {
  return tf.tidy(() => tf.mul(x, tf.tanh(tf.softplus(x))));
}
