import type { TensorContainer } from "@tensorflow/tfjs-core";
import { dispose, tidy } from "@tensorflow/tfjs-core";

/**
 * Runs a function and disposes every tensor it made except those in the tree it returns.
 *
 * `tf.tidy` does the same, but its type knows neither `null` nor read-only arrays.
 *
 * @example
 * ```ts
 * import { treeTidy } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { y } = treeTidy(() => ({ y: tf.square(tf.scalar(3)), state: null }));
 * y.dispose();
 * ```
 */
export function treeTidy<T>(fn: () => T): T {
  return tidy(fn as () => TensorContainer) as T;
}

/**
 * Disposes every tensor in a tree.
 *
 * @example
 * ```ts
 * import { treeDispose } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * treeDispose({ params: { w: tf.zeros([2]) }, state: null });
 * ```
 */
export function treeDispose(tree: unknown): void {
  dispose(tree as TensorContainer);
}
