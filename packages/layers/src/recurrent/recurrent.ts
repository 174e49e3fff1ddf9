import { type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Cell } from "./cell.ts";
import { unroll } from "./unroll.ts";

/** Options of {@link recurrent}. */
export interface RecurrentOptions {
  /** Whether to return the outputs of all steps, not of the last alone. Default false. */
  readonly returnSequences?: boolean | undefined;
  /** Whether to run from the last step to the first. Default false. */
  readonly reverse?: boolean | undefined;
}

/**
 * A layer that runs a cell over sequences, from a carry of zeros.
 *
 * Input [batch, steps, inputs]; output [batch, units], that of the last step run, or with
 * `returnSequences` [batch, steps, units], each aligned with its input also in reverse (Keras's
 * `go_backwards` returns them turned round). The layer's name is the cell's. {@link unroll} is for
 * those who keep the carry between calls.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, gruCell, lstmCell, recurrent, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential({
 *   first: recurrent(lstmCell({ units: 8 }), { returnSequences: true }),
 *   second: recurrent(gruCell({ units: 4 })),
 *   out: dense({ units: 1 }),
 * });
 * const { y } = net.apply(net.init(random.key(0), [7, 3]), tf.ones([2, 7, 3]));
 * if (y.shape.join() !== "2,1") throw new Error(String(y.shape));
 * ```
 */
export function recurrent<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  { returnSequences = false, reverse = false }: RecurrentOptions = {},
): Layer<Params, null> {
  return Object.freeze({
    kind: cell.kind,
    init: (key, inputShape) => ({
      params: cell.init(key, sequenceShape(cell.kind, inputShape).inputs),
      state: null,
    }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const y = outputOf(cell, params, x, { returnSequences, reverse });
        return { y, state };
      }),
    outputShape: (inputShape) => {
      const { steps } = sequenceShape(cell.kind, inputShape);
      return returnSequences ? [steps, cell.units] : [cell.units];
    },
  } satisfies Layer<Params, null>);
}

/** The outputs of all steps, or that of the last step run. */
export function outputOf<Params extends TensorTree, Carry extends TensorTree>(
  cell: Cell<Params, Carry>,
  params: Params,
  x: Tensor,
  { returnSequences = false, reverse = false }: RecurrentOptions,
): Tensor {
  const { carry, ys } = unroll(cell, params, x, { reverse, outputs: returnSequences });
  return ys ?? cell.output(carry);
}

/** Takes the shape of sequences apart; throws where it is of something else. */
export function sequenceShape(
  kind: string,
  inputShape: Shape,
): { readonly steps: number; readonly inputs: number } {
  const [steps = 0, inputs = 0] = inputShape;
  if (inputShape.length === 2 && steps >= 1 && inputs >= 1) return { steps, inputs };
  throw new LayerError(kind, `expected input shape [steps, inputs], got ${showShape(inputShape)}`);
}
