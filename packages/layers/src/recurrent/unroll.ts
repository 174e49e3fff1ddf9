import { scan, type TensorTree, treeMap, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  expandDims,
  less,
  range,
  reshape,
  transpose,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Cell } from "./cell.ts";

/** Options of {@link unroll}. */
export interface UnrollOptions<Carry> {
  /** The carry before the first step. Default: the cell's own, zeros. */
  readonly carry?: Carry | undefined;
  /**
   * The number of steps of each sequence, int32 [batch]: what lies behind is padding, which leaves the
   * carry as it is and has zeros for output. Default: all.
   */
  readonly lengths?: Tensor | undefined;
  /** Whether to run from the last step to the first. Default false. */
  readonly reverse?: boolean | undefined;
  /** Whether to return the outputs of all steps. Default true. */
  readonly outputs?: boolean | undefined;
}

/** The last carry and the outputs [batch, steps, units] of all steps, or null. */
export type Unrolled<Carry, Outputs = Tensor | null> = {
  readonly carry: Carry;
  readonly ys: Outputs;
};

/**
 * Runs a cell over sequences [batch, steps, inputs] and hands its carry on from call to call.
 *
 * The function behind {@link recurrent}, for those who keep the carry: long sequences in pieces,
 * decoders that start from an encoder's memory. Outputs stay aligned with inputs when it runs in
 * reverse. With `lengths`, padded sequences give what they would give by themselves, in reverse too,
 * as PyTorch's packed sequences do. The loop is one operation however long the sequence, differentiable and compiled once.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { gruCell, unroll } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const cell = gruCell({ units: 2 });
 * const params = cell.init(random.key(0), 3);
 * const x = tf.ones([1, 6, 3]);
 * const { carry } = unroll(cell, params, tf.slice(x, [0, 0, 0], [1, 4, 3]));
 * const rest = unroll(cell, params, tf.slice(x, [0, 4, 0], [1, 2, 3]), { carry });
 * if (String(rest.carry) !== String(unroll(cell, params, x).carry)) throw new Error("pieces");
 * ```
 */
export function unroll<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  params: Params,
  x: Tensor,
  options: UnrollOptions<Carry> & { readonly outputs: false },
): Unrolled<Carry, null>;
export function unroll<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  params: Params,
  x: Tensor,
  options?: UnrollOptions<Carry> & { readonly outputs?: true | undefined },
): Unrolled<Carry, Tensor>;
export function unroll<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  params: Params,
  x: Tensor,
  options?: UnrollOptions<Carry>,
): Unrolled<Carry>;
export function unroll<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  params: Params,
  x: Tensor,
  { carry, lengths, reverse = false, outputs = true }: UnrollOptions<Carry> = {},
): Unrolled<Carry> {
  const inputs = cell.inputsOf(params);
  const [batch, steps] = x.shape;
  if (x.rank !== 3 || x.shape[2] !== inputs || batch === undefined || !steps) {
    const wanted = `expected input [batch, steps, ${inputs}] of at least one step`;
    throw new LayerError(cell.kind, `${wanted}, got ${showShape(x.shape)}`);
  }
  if (
    lengths !== undefined &&
    (lengths.dtype !== "int32" || String(lengths.shape) !== `${batch}`)
  ) {
    const got = `${lengths.dtype} ${showShape(lengths.shape)}`;
    throw new LayerError(cell.kind, `expected lengths int32 [${batch}], got ${got}`);
  }
  return treeTidy(() => {
    const rows = transpose(cell.project(params, x), [1, 0, 2]);
    const places = lengths === undefined ? null : range(0, steps, 1, "int32");
    const step = (before: Carry, { row, place }: Step): { carry: Carry; y: Tensor | null } => {
      const next = cell.step(params, before, row);
      if (lengths === undefined || place === null) {
        return { carry: next, y: outputs ? cell.output(next) : null };
      }
      const inside = less(place, lengths);
      const kept = keep(inside, next, before);
      const y = outputs ? cell.output(next) : null;
      return { carry: kept, y: y && where(expandDims(inside, -1), y, zerosLike(y)) };
    };
    const start = carry ?? cell.start(batch);
    // The rows are tensors and the outputs tensors or nothing: two kinds of trees.
    const run = scan as (
      fn: typeof step,
      init: Carry,
      xs: Step,
      options: { readonly reverse: boolean },
    ) => { carry: Carry; ys: Tensor | null };
    const { carry: last, ys } = run(step, start, { row: rows, place: places }, { reverse });
    return { carry: last, ys: ys === null ? null : transpose(ys, [1, 0, 2]) };
  });
}

/** What a step gets: its projected input, and its number where that matters. */
type Step = { readonly row: Tensor; readonly place: Tensor | null };

/** The next carry for samples inside of their sequence, the old one for others. */
function keep<Carry extends TensorTree>(inside: Tensor, next: Carry, before: Carry): Carry {
  const choose = (leaf: Tensor, old: Tensor): Tensor => {
    const mask = leaf.shape.map((d, axis) => (axis === 0 ? d : 1));
    return where(reshape(inside, mask), leaf, old);
  };
  return treeMap(choose as never, next, before) as unknown as Carry;
}
