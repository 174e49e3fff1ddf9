import type * as tf from "@tensorflow/tfjs-core";
import { at } from "../ir/shape.ts";
import type { Graph, TensorType, Value } from "../ir/types.ts";
import type { Session } from "../trace/session.ts";
import { typeOf } from "../trace/tensors.ts";
import { flattenResult } from "../trace/trace.ts";
import { type TreeDef, treeFlatten, treeUnflatten } from "../tree/index.ts";

/** A function recorded as a closed body inside the current frame, ready to be transformed. */
export interface Recorded {
  /** inputs (captures…, leaves of the arguments…); outputs (leaves of the result…, assigned…). */
  readonly graph: Graph;
  /** What to pass for the captures. */
  readonly captures: readonly Value[];
  /** The argument leaves as values of the current frame. */
  readonly inputs: readonly Value[];
  readonly args: TreeDef;
  readonly output: TreeDef;
  readonly assigned: readonly tf.Variable[];
}

/**
 * Records `fn` on trees of tensors as a body of its own in the current frame. `types` are those that
 * the body is to see in place of the arguments' own.
 */
export function record<A extends readonly unknown[]>(
  session: Session,
  fn: (...args: A) => unknown,
  args: A,
  types?: readonly TensorType[],
): Recorded {
  const { leaves, treedef } = treeFlatten<A, tf.Tensor>(args);
  const inputs = leaves.map((x) => session.resolve(x));
  let output: TreeDef | undefined;
  const { graph, captures, assigned } = session.open((frame) => {
    const inner = leaves.map((x, i) => session.input(types?.[i] ?? typeOf(x)));
    const result = fn(...(treeUnflatten(treedef, inner) as unknown as A));
    const flat = flattenResult(session, result);
    output = flat.treedef;
    return session.close(frame, flat.values);
  });
  return { graph, captures, inputs, args: treedef, output: output as TreeDef, assigned };
}

/** The result tree of a recorded function from values of the current frame. */
export function wrapResult(
  session: Session,
  recorded: Recorded,
  values: readonly Value[],
): unknown {
  const { output, assigned } = recorded;
  session.assign(assigned, values.slice(output.leafCount));
  const results = values.slice(0, output.leafCount).map((v) => session.wrap(v));
  return treeUnflatten(output, results);
}

/** Position of the first leaf of every argument, and one past the last. */
export function leafOffsets(args: readonly unknown[]): number[] {
  const offsets = [0];
  for (const arg of args)
    offsets.push(at(offsets, offsets.length - 1) + treeFlatten(arg).leaves.length);
  return offsets;
}
