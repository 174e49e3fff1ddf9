import * as tf from "@tensorflow/tfjs-core";

import type { Graph, Value } from "../ir/types.ts";
import { isTreeNode, type TreeDef, treeFlatten, treeUnflatten } from "../tree/index.ts";
import { withInterceptedEngine } from "./engine.ts";
import { interceptor } from "./intercept.ts";
import { Session, withSession } from "./session.ts";
import { typeOf } from "./tensors.ts";

/** Shape and dtype of an argument; every tensor is one of itself. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
}

/** A recorded function. */
export interface Trace {
  /**
   * inputs (captured tensors…, leaves of the arguments…);
   * outputs (leaves of the result…, new values of assigned variables…).
   */
  readonly graph: Graph;
  /** Tensors and variables with data that the function closes over. They are neither moved nor kept alive. */
  readonly captures: readonly tf.Tensor[];
  /** Structure of the function's result. */
  readonly output: TreeDef;
  /** Variables that the function assigns, in the order of the last outputs. */
  readonly assigned: readonly tf.Variable[];
}

/**
 * Records the tfjs operations that `fn` runs on abstract tensors; nothing is computed.
 *
 * `args` are trees whose leaves are tensors or {@link TensorSpec}s: only shape and dtype count.
 * `fn` may use any traceable tfjs op, `tf.grad` and its relatives, `tf.customGrad`, `tf.tidy`, and
 * `Variable.assign`, which is recorded. Throws where a value would be needed (`dataSync`), where
 * JavaScript-side randomness would be frozen in, for async functions, and for kernels without a
 * lowering.
 *
 * @example
 * ```ts
 * import { toText, trace } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const { graph } = trace((x: tf.Tensor) => tf.sum(tf.square(x)), [{ shape: [3], dtype: "float32" }]);
 * if (!toText(graph).includes("stablehlo.reduce")) throw new Error("no reduction recorded");
 * ```
 */
export function trace<A extends readonly unknown[]>(
  fn: (...args: A) => unknown,
  args: readonly unknown[],
): Trace {
  const { leaves, treedef } = treeFlatten<unknown, TensorSpec | tf.Tensor>(markSpecs(args));
  const session = new Session();
  return withSession(session, () =>
    withInterceptedEngine(session.backend, interceptor(session), () => {
      const inputs = leaves.map((leaf) => session.input(typeOf(leaf)));
      const declared = inputs.map((x) => session.resolve(x));
      const result = fn(...(treeUnflatten(treedef, inputs) as unknown as A));
      const { values, treedef: output } = flattenResult(session, result);
      const { assigned, ...graph } = session.finish(declared, values);
      return { graph, captures: session.captures, output, assigned };
    }),
  );
}

/** A spec that trees take for a leaf: a class instance, not a plain object. */
class SpecLeaf implements TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: TensorSpec["dtype"];
  constructor({ shape, dtype }: TensorSpec) {
    this.shape = shape;
    this.dtype = dtype;
  }
}

const isSpec = (node: object): node is TensorSpec =>
  "dtype" in node && "shape" in node && Array.isArray(node.shape);

function markSpecs(node: unknown): unknown {
  if (!isTreeNode(node) || node === null) return node;
  if (Array.isArray(node)) return node.map(markSpecs);
  if (isSpec(node as object)) return new SpecLeaf(node as TensorSpec);
  const entries = Object.entries(node as object);
  return Object.fromEntries(entries.map(([name, child]) => [name, markSpecs(child)]));
}

/** The values of a result tree; numbers become scalar constants. */
export function flattenResult(
  session: Session,
  result: unknown,
): { readonly values: readonly Value[]; readonly treedef: TreeDef } {
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new Error(
      "trace: the function is async; what it does after its first await is not recorded",
    );
  }
  if (result === undefined) throw new Error("trace: the function returned nothing");
  const { leaves, treedef } = treeFlatten<unknown, unknown>(result);
  const values = leaves.map((leaf) => {
    if (leaf instanceof tf.Tensor) return session.resolve(leaf);
    if (typeof leaf === "number") return session.frame.fill({ shape: [], dtype: "f32" }, leaf);
    throw new Error(`trace: expected tensors as results, got ${describe(leaf)}`);
  });
  return { values, treedef };
}

const describe = (leaf: unknown): string =>
  typeof leaf === "object" && leaf !== null ? leaf.constructor.name : `${typeof leaf} ${leaf}`;
