import * as tf from "@tensorflow/tfjs-core";
import { currentSession } from "../trace/session.ts";

/**
 * A float32 scalar tensor of a number that is known when the function is written.
 *
 * While a function is traced the number enters the graph in double precision, where `tf.scalar`
 * would round it to float32 first: the float64 reference then computes with 0.1 and not with
 * 0.100000001490. Devices round it as ever.
 *
 * @example
 * ```ts
 * import { constant } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = tf.mul([1, 2], constant(0.5));
 * if (y.dataSync().join() !== "0.5,1") throw new Error(`${y}`);
 * ```
 */
export function constant(value: number): tf.Scalar {
  const session = currentSession();
  if (session === undefined) return tf.scalar(value);
  return session.wrap(session.frame.fill({ shape: [], dtype: "f32" }, value)) as tf.Scalar;
}
