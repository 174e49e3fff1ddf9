import type * as tf from "@tensorflow/tfjs-core";
import { at } from "../ir/shape.ts";
import type { TensorType, Value } from "../ir/types.ts";
import { requirePure } from "../trace/custom-vjp.ts";
import { fromFront, repeat, toFront, vmapInto } from "../transform/vmap/index.ts";
import { type MapTree, treeFlatten } from "../tree/index.ts";
import { leafOffsets, record, wrapResult } from "./record.ts";
import { inTrace, session } from "./run.ts";

/** Options of {@link vmap}. */
export interface VmapOptions {
  /**
   * The axis of each argument's leaves along which the examples lie; `null` for an argument that all
   * examples share. One entry for all arguments, or a list with one per argument. Negative axes count
   * from the end. Default: 0.
   */
  readonly inAxes?: number | null | readonly (number | null)[];
  /** The axis of the results along which the examples are to lie. Default: 0. */
  readonly outAxes?: number;
}

const axisOf = (axis: number, rank: number, what: string): number => {
  const found = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(found) && found >= 0 && found < rank) return found;
  throw new Error(`vmap: axis ${axis} does not exist in ${what}`);
};

/** The mapped axis of every leaf, `null` where it is shared. */
const leafAxes = (
  args: readonly unknown[],
  types: readonly TensorType[],
  inAxes: VmapOptions["inAxes"] = 0,
): (number | null)[] => {
  const perArgument: readonly (number | null)[] =
    typeof inAxes === "number" || inAxes === null ? args.map(() => inAxes) : inAxes;
  if (perArgument.length !== args.length) {
    throw new Error(`vmap: ${perArgument.length} inAxes for ${args.length} arguments`);
  }
  const offsets = leafOffsets(args);
  return types.map(({ shape }, leaf) => {
    const argument = offsets.findLastIndex((start) => start <= leaf);
    const axis = at(perArgument, argument);
    if (axis === null) return null;
    return axisOf(axis, shape.length, `argument ${argument}: a leaf has shape [${shape}]`);
  });
};

const batchSize = (types: readonly TensorType[], axes: readonly (number | null)[]): number => {
  const sizes = types.flatMap(({ shape }, i) => {
    const axis = axes[i];
    return axis == null ? [] : [at(shape, axis)];
  });
  const size = sizes[0];
  if (size === undefined) throw new Error("vmap: no argument has an axis to map over");
  if (sizes.every((n) => n === size)) return size;
  throw new Error(`vmap: expected one size along the mapped axes, got ${sizes.join(", ")}`);
};

const without = ({ shape, dtype }: TensorType, axis: number | null): TensorType => ({
  shape: shape.filter((_, i) => i !== axis),
  dtype,
});

/**
 * Vectorizes a function: what `fn` does to one example is done to all examples along an axis at once.
 *
 * `fn` is written for one example; the result equals a loop over the examples with the results
 * stacked, but matrix products, convolutions and all other operations run once with one axis more.
 * What does not depend on the examples is computed once. Nests, and composes with {@link grad} in
 * either order: `vmap(grad(loss), { inAxes: [null, 0] })` gives the gradients of single examples.
 *
 * Throws where sizes along the mapped axes differ, and where `fn` assigns a variable.
 *
 * @example
 * ```ts
 * import { grad, vmap } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.sum(tf.square(tf.mul(w, x)));
 * const perExample = vmap(grad(loss), { inAxes: [null, 0] });
 * const g = perExample(tf.tensor1d([1, 2]), tf.tensor2d([[1, 1], [0, 3]])); // 2 w x²
 * if (`${g.arraySync()}` !== "2,4,0,36") throw new Error(`${g}`);
 * ```
 */
export function vmap<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: VmapOptions = {},
): (
  ...args: { [K in keyof A]: MapTree<A[K], tf.Tensor, tf.Tensor> }
) => MapTree<R, tf.Tensor, tf.Tensor> {
  const traced = (...args: A): R => {
    const s = session();
    const inputs = treeFlatten<A, tf.Tensor>(args).leaves.map((x) => s.resolve(x));
    const types = inputs.map((v) => v.type);
    const axes = leafAxes(args, types, options.inAxes);
    const size = batchSize(types, axes);
    const examples = types.map((type, i) => without(type, at(axes, i)));
    const recorded = record(s, fn, args, examples);
    requirePure("vmap", recorded);
    const { graph, captures } = recorded;
    const b = s.frame;
    const front = (v: Value, axis: number | null) => (axis === null ? v : toFront(b, v, axis));
    const found = vmapInto(
      b,
      graph,
      [...captures, ...inputs.map((v, i) => front(v, at(axes, i)))],
      [...captures.map(() => false), ...axes.map((axis) => axis !== null)],
      size,
    );
    const outputs = found.outputs.map((v, i) => {
      const all = found.batched[i] ? v : repeat(b, v, size);
      const { shape } = all.type;
      return fromFront(b, all, axisOf(options.outAxes ?? 0, shape.length, `a result [${shape}]`));
    });
    return wrapResult(s, recorded, outputs) as R;
  };
  return (...args) => inTrace(traced, ...(args as unknown as A)) as never;
}
