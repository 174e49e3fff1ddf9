import * as tf from "@tensorflow/tfjs-core";
import { at, isFloat } from "../ir/shape.ts";
import type { Value } from "../ir/types.ts";
import { currentSession } from "../trace/session.ts";
import { trace } from "../trace/trace.ts";
import { jvpInto, linearizeGraph, transposeGraph, vjpInto } from "../transform/index.ts";
import { treeFlatten, treeUnflatten } from "../tree/index.ts";
import { Program } from "./program.ts";
import { type Recorded, record, wrapResult } from "./record.ts";
import { inTrace, session } from "./run.ts";

const leavesOf = (tree: unknown): tf.Tensor[] => treeFlatten<unknown, tf.Tensor>(tree).leaves;

const checkCount = (name: string, given: unknown, wanted: number): tf.Tensor[] => {
  const leaves = leavesOf(given);
  if (leaves.length !== wanted) {
    throw new Error(`${name}: expected a tree of ${wanted} tensors, got ${leaves.length}`);
  }
  return leaves;
};

/** Argument trees from one value per leaf; missing ones are zero. */
const argTrees = (recorded: Recorded, values: readonly (Value | undefined)[]): unknown => {
  const s = session();
  const leaves = recorded.inputs.map((input, i) => s.wrap(values[i] ?? s.frame.zeros(input.type)));
  return treeUnflatten(recorded.args, leaves);
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
  if (currentSession() === undefined) return vjpOutside(fn, args);
  const s = session();
  const recorded = record(s, fn, args);
  const { graph, captures, inputs, output, assigned } = recorded;
  const wrt = [...captures.map(() => false), ...inputs.map((v) => isFloat(v.type.dtype))];
  const { outputs, pullback } = vjpInto(s.frame, graph, [...captures, ...inputs], wrt);
  const pull = (cotangent: R): A => {
    const given = checkCount("vjp", cotangent, output.leafCount).map((x) => s.resolve(x));
    const all = pullback([...given, ...assigned.map(() => undefined)]);
    return argTrees(recorded, all.slice(captures.length)) as A;
  };
  return {
    value: wrapResult(s, recorded, outputs) as R,
    pullback: Object.assign(pull, { dispose: () => {} }),
  };
}

function vjpOutside<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A) {
  const { graph, captures, output, assigned } = trace(fn, args);
  if (assigned.length > 0)
    throw new Error("vjp: the function assigns a variable; use it in compile");
  const { leaves, treedef } = treeFlatten<A, tf.Tensor>(args);
  const wrt = graph.inputs.map((v, i) => i >= captures.length && isFloat(v.type.dtype));
  const { primal, linear, numResiduals } = linearizeGraph(graph, wrt);
  const forward = new Program(primal);
  const backward = new Program(transposeGraph(linear, numResiduals));
  const results = forward.run([...captures, ...leaves]);
  const residuals = results.slice(output.leafCount);
  forward.dispose();
  const pull = (cotangent: R): A => {
    const given = checkCount("vjp", cotangent, output.leafCount);
    const floats = given.filter((_, i) => isFloat(at(graph.outputs, i).type.dtype));
    const grads = backward.run([...residuals, ...floats]);
    let next = 0;
    const all = leaves.map((x, i) =>
      wrt[captures.length + i] ? at(grads, next++) : tf.zerosLike(x),
    );
    return treeUnflatten(treedef, all) as unknown as A;
  };
  const dispose = (): void => {
    backward.dispose();
    for (const x of residuals) x.dispose();
  };
  return {
    value: treeUnflatten(output, results.slice(0, output.leafCount)) as R,
    pullback: Object.assign(pull, { dispose }),
  };
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
