import type { Tensor } from "@tensorflow/tfjs-core";
import { treeMap } from "../tree/index.ts";
import { inTrace, session } from "./run.ts";

/**
 * The same values, treated as constants by every derivative.
 *
 * @example
 * ```ts
 * import { grad, stopGradient } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const f = (x: tf.Tensor) => tf.mul(stopGradient(x), x); // as if the first factor were a number
 * if (grad(f)(tf.scalar(3)).arraySync() !== 3) throw new Error("both factors were differentiated");
 * ```
 */
export function stopGradient<T>(tree: T): T {
  return inTrace((inner: T) => {
    const s = session();
    const stop = (x: Tensor): Tensor => s.wrap(s.frame.map("stop_gradient", s.resolve(x)));
    return treeMap<T, Tensor, [], Tensor>(stop, inner) as T;
  }, tree);
}
