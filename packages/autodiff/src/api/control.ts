import type * as tf from "@tensorflow/tfjs-core";
import type { TensorType, Value } from "../ir/types.ts";
import { requirePure } from "../trace/custom-vjp.ts";
import { type TreeDef, treeFlatten, treeUnflatten } from "../tree/index.ts";
import { inTrace, session } from "./run.ts";

/** Options of {@link scan}. */
export interface ScanOptions {
  /** Number of steps; needed only when there are no `xs`. */
  readonly length?: number;
  /** Runs from the last row to the first; `ys` stay aligned with `xs`. Default: false. */
  readonly reverse?: boolean;
}

const flat = (tree: unknown) => treeFlatten<unknown, tf.Tensor>(tree);

const sameStructure = (what: string, got: TreeDef, wanted: TreeDef): void => {
  if (got.key !== wanted.key) {
    throw new Error(`${what}: expected a carry of structure ${wanted.key}, got ${got.key}`);
  }
};

/**
 * Runs `step(carry, x)` for every row `x` of `xs` (axis 0 of every leaf) and hands the carry on.
 * Returns the last carry and all `y`, stacked on axis 0.
 *
 * The loop is one operation of the graph however many steps it has; it is differentiable in both
 * modes. Carry leaves must keep their shape and dtype. `xs` may be `null` when `length` is given.
 *
 * @example
 * ```ts
 * import { scan } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { carry, ys } = scan(
 *   (total: tf.Tensor, x: tf.Tensor) => {
 *     const sum = tf.add(total, x);
 *     return { carry: sum, y: sum };
 *   },
 *   tf.scalar(0),
 *   tf.tensor1d([1, 2, 3]),
 * );
 * if (`${carry.arraySync()} ${ys.arraySync()}` !== "6 1,3,6") throw new Error(`${ys}`);
 * ```
 */
export function scan<C, X, Y>(
  step: (carry: C, x: X) => { carry: C; y: Y },
  init: C,
  xs: X,
  options: ScanOptions = {},
): { carry: C; ys: Y } {
  return inTrace(
    (carry0: C, rows: X) => {
      const s = session();
      const carry = flat(carry0);
      const x = flat(rows);
      const length = options.length ?? x.leaves[0]?.shape[0];
      if (length === undefined) throw new Error("scan: without xs, options.length is needed");
      const carryIn = carry.leaves.map((t) => s.resolve(t));
      const xsIn = x.leaves.map((t) => s.resolve(t));
      let yTree: TreeDef | undefined;
      const row = (v: Value): TensorType => ({ ...v.type, shape: v.type.shape.slice(1) });
      const body = s.nested([...carryIn.map((v) => v.type), ...xsIn.map(row)], (inner) => {
        const result = step(
          treeUnflatten(carry.treedef, inner.slice(0, carryIn.length)) as C,
          treeUnflatten(x.treedef, inner.slice(carryIn.length)) as X,
        );
        const next = flat(result.carry);
        sameStructure("scan", next.treedef, carry.treedef);
        const y = flat(result.y);
        yTree = y.treedef;
        return [...next.leaves, ...y.leaves];
      });
      requirePure("scan", body);
      const outputs = s.frame.emit("scan", [...body.captures, ...carryIn, ...xsIn], {
        body: body.graph,
        length,
        numConsts: body.captures.length,
        numCarry: carryIn.length,
        reverse: options.reverse ?? false,
      });
      const tensors = outputs.map((v) => s.wrap(v));
      return {
        carry: treeUnflatten(carry.treedef, tensors.slice(0, carryIn.length)) as C,
        ys: treeUnflatten(yTree as TreeDef, tensors.slice(carryIn.length)) as Y,
      };
    },
    init,
    xs,
  );
}

/**
 * Repeats `body(carry)` as long as `condition(carry)`, a bool scalar, holds.
 *
 * The number of steps may depend on the values; therefore it has a forward-mode derivative only, and
 * on WebGPU needs the asynchronous call of a compiled function.
 *
 * @example
 * ```ts
 * import { whileLoop } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const power = whileLoop(
 *   (x: tf.Tensor) => tf.less(x, 100),
 *   (x: tf.Tensor) => tf.mul(x, 2),
 *   tf.scalar(3),
 * );
 * if (power.arraySync() !== 192) throw new Error(`${power}`);
 * ```
 */
export function whileLoop<C>(
  condition: (carry: C) => tf.Tensor,
  body: (carry: C) => C,
  init: C,
): C {
  return inTrace((carry0: C) => {
    const s = session();
    const { leaves, treedef } = flat(carry0);
    const carry = leaves.map((t) => s.resolve(t));
    const types = carry.map((v) => v.type);
    const tree = (list: tf.Tensor[]): C => treeUnflatten(treedef, list) as C;
    const test = s.nested(types, (inner) => [condition(tree(inner))]);
    const loop = s.nested(types, (inner) => {
      const next = flat(body(tree(inner)));
      sameStructure("whileLoop", next.treedef, treedef);
      return next.leaves;
    });
    requirePure("whileLoop", test);
    requirePure("whileLoop", loop);
    const outputs = s.frame.emit("while", [...test.captures, ...loop.captures, ...carry], {
      condition: test.graph,
      body: loop.graph,
      numConditionConsts: test.captures.length,
      numBodyConsts: loop.captures.length,
    });
    return tree(outputs.map((v) => s.wrap(v)));
  }, init);
}
