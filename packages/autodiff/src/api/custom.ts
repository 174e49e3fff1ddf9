import type * as tf from "@tensorflow/tfjs-core";
import { buildGraph } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";
import { callWithVjp, requirePure } from "../trace/custom-vjp.ts";

import { type TreeDef, treeFlatten, treeUnflatten } from "../tree/index.ts";
import { record } from "./record.ts";
import { inTrace, session } from "./run.ts";

const leavesOf = (tree: unknown): tf.Tensor[] => treeFlatten<unknown, tf.Tensor>(tree).leaves;

/** A function together with its reverse-mode rule. */
export interface VjpRule<A extends readonly unknown[], R, Residuals> {
  /** Computes the value, and whatever `backward` needs. */
  readonly forward: (...args: A) => { value: R; residuals: Residuals };
  /** Maps a cotangent of the value to cotangents of all arguments; must be linear in the cotangent. */
  readonly backward: (residuals: Residuals, cotangent: R) => readonly [...A];
}

/**
 * Makes a function whose derivative is the given rule instead of the derivative of its operations.
 *
 * Use it for a numerically better gradient or a straight-through estimator. The rule is itself
 * differentiable, and serves forward mode too (by transposing it). Tensors that `forward` closes over
 * count as constants, as in `tf.customGrad`: pass what is to be differentiated as an argument.
 *
 * @example
 * ```ts
 * import { customVjp, grad } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const roundStraightThrough = customVjp({
 *   forward: (x: tf.Tensor) => ({ value: tf.round(x), residuals: null }),
 *   backward: (_, cotangent) => [cotangent],
 * });
 * const g = grad((x: tf.Tensor) => tf.sum(roundStraightThrough(x)))(tf.tensor1d([0.2, 0.7]));
 * if (`${g.arraySync()}` !== "1,1") throw new Error(`${g}`);
 * ```
 */
export function customVjp<A extends readonly unknown[], R, Residuals>(
  rule: VjpRule<A, R, Residuals>,
): (...args: A) => R {
  const traced = (...args: A): R => {
    const s = session();
    const { leaves, treedef } = treeFlatten<A, tf.Tensor>(args);
    let output: TreeDef | undefined;
    const inputs = leaves.map((x) => s.resolve(x));
    const values = callWithVjp(s, "customVjp", inputs, (inner) => {
      const { value, residuals } = rule.forward(...(treeUnflatten(treedef, inner) as unknown as A));
      const flat = treeFlatten<unknown, tf.Tensor>(value);
      output = flat.treedef;
      const backward = (cotangents: tf.Tensor[]): tf.Tensor[] =>
        leavesOf(rule.backward(residuals, treeUnflatten(flat.treedef, cotangents) as R));
      return { values: flat.leaves, backward };
    });
    return treeUnflatten(
      output as TreeDef,
      values.map((v) => s.wrap(v)),
    ) as R;
  };
  return (...args) => inTrace(traced, ...args);
}

/**
 * Makes a function whose derivative is given in forward mode: `rule(primals, tangents)` returns value
 * and tangent of `fn`, the tangent linear in the tangents. Reverse mode follows by transposing it.
 * Tensors that `fn` closes over count as constants.
 *
 * @example
 * ```ts
 * import { customJvp, grad } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * // A logarithm whose slope is held at most at 100.
 * const safeLog = customJvp(
 *   (x: tf.Tensor) => tf.log(x),
 *   ([x], [t]) => ({ value: tf.log(x), tangent: tf.div(t, tf.maximum(x, 0.01)) }),
 * );
 * const g = grad((x: tf.Tensor) => safeLog(x))(tf.scalar(1e-6));
 * if (Math.abs((g.arraySync() as number) - 100) > 1e-3) throw new Error(`${g}`);
 * ```
 */
export function customJvp<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  rule: (primals: A, tangents: A) => { value: R; tangent: R },
): (...args: A) => R {
  const traced = (...args: A): R => {
    const s = session();
    const recorded = record(s, fn, args);
    const types = recorded.inputs.map((v) => v.type);
    const count = types.length;
    const ruled = s.nested([...types, ...types], (inner) => {
      const tree = (list: tf.Tensor[]): A => treeUnflatten(recorded.args, list) as unknown as A;
      const result = rule(tree(inner.slice(0, count)), tree(inner.slice(count)));
      return [...leavesOf(result.value), ...leavesOf(result.tangent)];
    });
    requirePure("customJvp", ruled);
    requirePure("customJvp", { ...ruled, assigned: recorded.assigned });
    const captures = [...new Set([...recorded.captures, ...ruled.captures])];
    const values = s.frame.emit("call", [...captures, ...recorded.inputs], {
      body: reorder(recorded.graph, recorded.captures, captures, types, 1),
      derivative: {
        kind: "custom_jvp",
        jvp: reorder(ruled.graph, ruled.captures, captures, types, 2),
      },
    });
    return treeUnflatten(
      recorded.output,
      values.map((v) => s.wrap(v)),
    ) as R;
  };
  return (...args) => inTrace(traced, ...args);
}

/**
 * A graph with inputs (own captures…, arguments… × copies) as one with inputs
 * (all captures…, arguments…) × copies, where further copies of the captures are tangents it ignores.
 */
function reorder(
  graph: Graph,
  own: readonly Value[],
  captures: readonly Value[],
  types: readonly Value["type"][],
  copies: number,
): Graph {
  const block = [...captures.map((v) => v.type), ...types];
  return buildGraph(Array.from({ length: copies }, () => block).flat(), (b, inputs) => {
    const args = Array.from({ length: copies }, (_, c) =>
      inputs.slice(c * block.length + captures.length, (c + 1) * block.length),
    ).flat();
    return b.inline(graph, [...own.map((v) => at(inputs, captures.indexOf(v))), ...args]);
  });
}

/**
 * Rematerialization: the backward pass of `fn` runs `fn` again instead of keeping its intermediate
 * values. Costs one more forward pass of `fn`, saves the memory of all it computes in between
 * (Chen et al. 2016, https://arxiv.org/abs/1604.06174).
 *
 * Outside a trace `fn` simply runs.
 *
 * @example
 * ```ts
 * import { checkpoint, grad } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const block = checkpoint((x: tf.Tensor) => tf.sin(tf.sin(tf.sin(x))));
 * const g = grad((x: tf.Tensor) => block(x))(tf.scalar(0));
 * if (g.arraySync() !== 1) throw new Error(`${g}`);
 * ```
 */
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => R {
  const traced = (...args: A): R => {
    const s = session();
    const recorded = record(s, fn, args);
    requirePure("checkpoint", { ...recorded });
    const values = s.frame.emit("call", [...recorded.captures, ...recorded.inputs], {
      body: recorded.graph,
      derivative: { kind: "checkpoint" },
    });
    return treeUnflatten(
      recorded.output,
      values.map((v) => s.wrap(v)),
    ) as R;
  };
  return (...args) => inTrace(traced, ...args);
}
