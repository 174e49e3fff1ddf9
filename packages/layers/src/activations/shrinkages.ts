import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { tensorOf } from "./arithmetic.ts";

/** Options of {@link softShrink} and {@link hardShrink}. */
export interface ShrinkOptions {
  /** Half the width of the dead zone, at least 0. Default ½. */
  readonly lambda?: number | undefined;
}

/**
 * Soft thresholding: x − λ above λ, x + λ below −λ, and 0 between.
 *
 * The proximal operator of λ|x|. At ±λ the derivative is 0.
 *
 * @example
 * ```ts
 * import { softShrink } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = softShrink(tf.tensor1d([-2, 0.25, 2]));
 * if (y.dataSync().join() !== "-1.5,0,1.5") throw new Error(String(y));
 * ```
 */
export function softShrink(x: Tensor, { lambda = 0.5 }: ShrinkOptions = {}): Tensor {
  checkLambda("softShrink", lambda);
  return tf.tidy(() => {
    const width = tensorOf(lambda);
    return shrink(x, width, tf.sub(x, tf.mul(tf.sign(x), width)));
  });
}

/**
 * Hard thresholding: x where |x| > λ, and 0 elsewhere.
 *
 * @example
 * ```ts
 * import { hardShrink } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = hardShrink(tf.tensor1d([-2, 0.25, 2]));
 * if (y.dataSync().join() !== "-2,0,2") throw new Error(String(y));
 * ```
 */
export function hardShrink(x: Tensor, { lambda = 0.5 }: ShrinkOptions = {}): Tensor {
  checkLambda("hardShrink", lambda);
  return tf.tidy(() => shrink(x, tensorOf(lambda), x));
}

// Chosen where x is small and not where it is large, so that NaN stays NaN.
function shrink(x: Tensor, width: Tensor, kept: Tensor): Tensor {
  return tf.where(tf.lessEqual(tf.abs(x), width), tf.zerosLike(x), kept);
}

function checkLambda(kind: string, lambda: number): void {
  if (lambda >= 0 && lambda < Infinity) return;
  throw new LayerError(kind, `expected lambda of at least 0 and finite, got ${lambda}`);
}
