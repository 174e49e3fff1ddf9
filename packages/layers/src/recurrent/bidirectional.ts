import { random, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, concat, mul } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import type { Cell } from "./cell.ts";
import { outputOf, sequenceShape } from "./recurrent.ts";

/** Options of {@link bidirectional}. */
export interface BidirectionalOptions {
  /** Whether to return the outputs of all steps, not of the last run in each direction. Default false. */
  readonly returnSequences?: boolean | undefined;
  /** What becomes of the two outputs. Default "concat". */
  readonly merge?: "concat" | "sum" | "mean" | "product" | undefined;
}

/** The parameters of both directions of a {@link bidirectional} layer. */
export type BidirectionalParams<Params extends TensorTree = TensorTree> = {
  readonly forward: Params;
  readonly backward: Params;
};

/**
 * Runs a cell over sequences in both directions, with parameters for each, and joins the outputs.
 *
 * Input [batch, steps, inputs]; output [batch, 2 units], or with `returnSequences` [batch, steps,
 * 2 units]; with another `merge` than "concat", units. Without sequences, the backward part is the
 * output at the first step, where that direction ends, as in Keras and PyTorch's h_n.
 *
 * Reference: Schuster and Paliwal, 1997, https://doi.org/10.1109/78.650093.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { bidirectional, gruCell } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = bidirectional(gruCell({ units: 4 }), { returnSequences: true });
 * const { y } = layer.apply(layer.init(random.key(0), [7, 3]), tf.ones([2, 7, 3]));
 * if (y.shape.join() !== "2,7,8") throw new Error(String(y.shape));
 * ```
 */
export function bidirectional<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  { returnSequences = false, merge = "concat" }: BidirectionalOptions = {},
): Layer<BidirectionalParams<Params>, null> {
  const kind = "bidirectional";
  if (!Object.hasOwn(merges, merge)) {
    const known = Object.keys(merges).join(", ");
    throw new LayerError(kind, `expected merge to be one of ${known}, got ${merge}`);
  }
  const units = merge === "concat" ? 2 * cell.units : cell.units;
  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { inputs } = sequenceShape(kind, inputShape);
        const [first, second] = random.split(key) as [Tensor, Tensor];
        const params = { forward: cell.init(first, inputs), backward: cell.init(second, inputs) };
        return { params, state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const forward = outputOf(cell, params.forward, x, { returnSequences });
        const backward = outputOf(cell, params.backward, x, { returnSequences, reverse: true });
        return { y: merges[merge](forward, backward), state };
      }),
    outputShape: (inputShape) => {
      const { steps } = sequenceShape(kind, inputShape);
      return returnSequences ? [steps, units] : [units];
    },
  } satisfies Layer<BidirectionalParams<Params>, null>);
}

const merges = {
  concat: (a: Tensor, b: Tensor): Tensor => concat([a, b], -1),
  sum: (a: Tensor, b: Tensor): Tensor => add(a, b),
  mean: (a: Tensor, b: Tensor): Tensor => mul(add(a, b), 0.5),
  product: (a: Tensor, b: Tensor): Tensor => mul(a, b),
} as const;
