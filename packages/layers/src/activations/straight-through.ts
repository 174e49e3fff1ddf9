import { stopGradient } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { hardTanh } from "./tanhs.ts";

/** The values of `hard`, exactly, with the derivative of `soft`. */
export function straightThrough(hard: Tensor, soft: Tensor): Tensor {
  // soft − soft is 0 without rounding, where hard − soft + soft need not be hard.
  return tf.tidy(() => tf.add(stopGradient(hard), tf.sub(soft, stopGradient(soft))));
}

/** Options of {@link binaryStep}. */
export interface BinaryStepOptions {
  /**
   * Whose derivative stands in for that of the step, which is 0: that of x ("identity"), of
   * min(max(x, −1), 1) ("clipped") or of σ(x) ("sigmoid"). Default "identity".
   */
  readonly surrogate?: "identity" | "clipped" | "sigmoid" | undefined;
}

/**
 * The step: 1 for x > 0, otherwise 0, with a straight-through derivative.
 *
 * References: Bengio et al., 2013, https://arxiv.org/abs/1308.3432 (identity, sigmoid); Hubara et al.,
 * 2016, https://arxiv.org/abs/1602.02830 (clipped).
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { binaryStep } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor1d([-3, 0.5]);
 * if (binaryStep(x).dataSync().join() !== "0,1") throw new Error("step");
 * const slope = grad((v: tf.Tensor) => tf.sum(binaryStep(v, { surrogate: "clipped" })))(x);
 * if (slope.dataSync().join() !== "0,1") throw new Error(String(slope));
 * ```
 */
export function binaryStep(x: Tensor, { surrogate = "identity" }: BinaryStepOptions = {}): Tensor {
  const soft = surrogates[surrogate];
  if (soft === undefined) {
    const known = Object.keys(surrogates).join(", ");
    throw new LayerError("binaryStep", `expected surrogate one of ${known}, got ${surrogate}`);
  }
  return tf.tidy(() => straightThrough(tf.cast(tf.greater(x, 0), "float32"), soft(x)));
}

const surrogates = {
  identity: (x: Tensor): Tensor => x,
  clipped: (x: Tensor): Tensor => hardTanh(x),
  sigmoid: (x: Tensor): Tensor => tf.sigmoid(x),
};
