import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sameShape } from "./reduce.ts";

// Norms count as at least this, so that a vector of zeros has cosine 0 and a finite derivative.
const smallestNorm = 1e-8;

/**
 * Cosine distance: 1 − ⟨y, t⟩ / (‖y‖ ‖t‖) over the last axis, mean over all others.
 *
 * Norms count as at least 1e-8 each (PyTorch 2's rule). PyTorch's `CosineEmbeddingLoss` with target 1 and
 * optax's `cosine_distance` are the same; Keras's `CosineSimilarity` leaves out the 1.
 *
 * @example
 * ```ts
 * import { cosineDistance } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = cosineDistance(tf.tensor2d([[3, 4]]), tf.tensor2d([[5, 0]]));
 * if (Math.abs((loss.dataSync()[0] ?? 0) - 0.4) > 1e-6) throw new Error(String(loss));
 * ```
 */
export function cosineDistance(predictions: Tensor, targets: Tensor): Scalar {
  sameShape("cosineDistance", predictions, targets);
  return tf.tidy(() => {
    const cosine = tf.sum(tf.mul(direction(predictions), direction(targets)), -1);
    return tf.sub(1, tf.mean<Scalar>(cosine));
  });
}

function direction(x: Tensor): Tensor {
  const square = tf.sum(tf.square(x), -1, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(square, constant(smallestNorm ** 2))));
}
