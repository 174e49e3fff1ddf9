import { linearMap } from "./linear-map.ts";

/**
 * The value of `fn` and its pushforward: the function that maps tangents of all arguments to a tangent
 * of the value, t ↦ J·t (forward mode). What depends on `args` alone is computed once.
 *
 * `tangents` is a list of trees like the arguments. `pushforward` may be called any number of times;
 * outside a trace it keeps intermediate values alive until `pushforward.dispose()`. For a single
 * direction {@link jvp} does less work. Throws where `fn` assigns a variable, and for tangents of
 * another structure or shape than the arguments.
 *
 * @example
 * ```ts
 * import { linearize } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { value, pushforward } = linearize((x: tf.Tensor) => tf.square(x), tf.tensor1d([1, 2]));
 * const t = pushforward([tf.tensor1d([1, 10])]);
 * if (`${value.arraySync()} ${t.arraySync()}` !== "1,4 2,40") throw new Error(`${t}`);
 * pushforward.dispose();
 * ```
 */
export function linearize<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  ...args: A
): { value: R; pushforward: ((tangents: A) => R) & { dispose(): void } } {
  const { value, forward, dispose } = linearMap("linearize", fn, args);
  const pushforward = (tangents: A): R => forward(tangents) as R;
  return { value: value as R, pushforward: Object.assign(pushforward, { dispose }) };
}
