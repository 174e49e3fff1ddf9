import type * as tf from "@tensorflow/tfjs-core";
import { at, isFloat } from "../ir/shape.ts";
import { jvpInto } from "../transform/index.ts";
import { treeFlatten, treeUnflatten } from "../tree/index.ts";
import { linearMap } from "./linear-map.ts";
import { record, wrapResult } from "./record.ts";
import { inTrace, session } from "./run.ts";

const leavesOf = (tree: unknown): tf.Tensor[] => treeFlatten<unknown, tf.Tensor>(tree).leaves;

const checkCount = (name: string, given: unknown, wanted: number): tf.Tensor[] => {
  const leaves = leavesOf(given);
  if (leaves.length !== wanted) {
    throw new Error(`${name}: expected a tree of ${wanted} tensors, got ${leaves.length}`);
  }
  return leaves;
};

/**
 * The value of `fn` and its pullback: the function that maps a cotangent of the value to cotangents
 * of all arguments, v ↦ Jᵀv (reverse mode).
 *
 * `pullback` may be called any number of times. It keeps intermediate values alive; outside a trace
 * call `pullback.dispose()` afterwards, or work inside `tf.tidy`.
 *
 * @example
 * ```ts
 * import { vjp } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { value, pullback } = vjp((x: tf.Tensor) => tf.square(x), tf.tensor1d([1, 2]));
 * const [g] = pullback(tf.tensor1d([1, 10]));
 * if (`${value.arraySync()} ${g.arraySync()}` !== "1,4 2,40") throw new Error(`${g}`);
 * pullback.dispose();
 * ```
 */
export function vjp<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  ...args: A
): { value: R; pullback: ((cotangent: R) => A) & { dispose(): void } } {
  const { value, transposed, dispose } = linearMap("vjp", fn, args);
  const pullback = (cotangent: R): A => transposed(cotangent) as A;
  return { value: value as R, pullback: Object.assign(pullback, { dispose }) };
}

/**
 * The value of `fn` at `primals` and its directional derivative along `tangents`, J·t (forward mode).
 *
 * @example
 * ```ts
 * import { jvp } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { tangent } = jvp((x: tf.Tensor) => tf.exp(x), [tf.scalar(0)], [tf.scalar(3)]);
 * if (tangent.arraySync() !== 3) throw new Error(`${tangent}`);
 * ```
 */
export function jvp<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  primals: A,
  tangents: A,
): { value: R; tangent: R } {
  return inTrace(
    (p: A, t: A) => {
      const s = session();
      const recorded = record(s, fn, p);
      const { graph, captures, inputs, output } = recorded;
      const given = checkCount("jvp", t, inputs.length).map((x, i) =>
        isFloat(at(inputs, i).type.dtype) ? s.resolve(x) : undefined,
      );
      const result = jvpInto(
        s.frame,
        graph,
        [...captures, ...inputs],
        [...captures.map(() => undefined), ...given],
      );
      const moved = output.leafCount;
      const tangent = result.outputs
        .slice(0, moved)
        .map((y, i) => s.wrap(result.tangents[i] ?? s.frame.zeros(y.type)));
      return {
        value: wrapResult(s, recorded, result.outputs) as R,
        tangent: treeUnflatten(output, tangent) as R,
      };
    },
    primals,
    tangents,
  );
}
