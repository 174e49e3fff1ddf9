import type { TensorTree } from "@layerwise/autodiff";
import { constant, isTreeNode, whileLoop } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { cast, equal, tidy } from "@tensorflow/tfjs-core";
import type { LinesearchExtra } from "../core/extras.ts";

/** What a line search left in its state. */
interface Kept {
  readonly value: Scalar;
  readonly grad: TensorTree;
  readonly steps: Scalar;
}

/** The variables of the loop. */
type Known<Params> = {
  readonly pending: Tensor;
  readonly value: Scalar;
  readonly grad: Params;
};

/**
 * Makes a function that returns loss and gradient at the parameters that a line search has accepted:
 * from its state, where it left them, and evaluated before the first search.
 *
 * The state may be that of a chain with one line search in it; throws when there is none or several,
 * and when it keeps no gradient. Only for one loss: on the next batch, evaluate anew.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { lbfgs, valueAndGradFromState } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const valueFn = (x: tf.Tensor) => tf.sum(tf.square(x));
 * const valueAndGrad = valueAndGradFromState({ valueFn, gradFn: grad(valueFn) });
 * const x = tf.tensor1d([3, 4]);
 * const { value } = valueAndGrad(x, lbfgs().init(x));
 * if (value.dataSync()[0] !== 25) throw new Error(`${value}`);
 * ```
 */
export function valueAndGradFromState({
  valueFn,
  gradFn,
}: Pick<LinesearchExtra, "valueFn" | "gradFn">): <Params extends TensorTree>(
  params: Params,
  state: unknown,
) => { value: Scalar; grad: Params } {
  return <Params extends TensorTree>(params: Params, state: unknown) => {
    const { value, grad, steps } = keptIn(state);
    const pending = tidy(() => equal(steps, 0));
    const start: Known<Params> = { pending, value, grad: grad as Params };
    const end = whileLoop(
      (known: Known<Params>) => known.pending,
      () => ({
        pending: cast(constant(0), "bool"),
        value: valueFn(params) as Scalar,
        grad: gradFn(params) as Params,
      }),
      start,
    );
    pending.dispose();
    end.pending.dispose();
    return { value: end.value, grad: end.grad };
  };
}

function keptIn(state: unknown): Kept {
  const found = linesearchStates(state);
  const [kept] = found;
  if (kept === undefined || found.length > 1) {
    throw new Error(
      `valueAndGradFromState: expected the state of one line search, got ${found.length}`,
    );
  }
  if (kept.grad === null) {
    throw new Error("valueAndGradFromState: expected a line search with storeGrad, got none");
  }
  return kept;
}

function linesearchStates(state: unknown): Kept[] {
  if (state === null || !isTreeNode(state)) return [];
  const node = state as Readonly<Record<string, unknown>>;
  const isKept = ["learningRate", "value", "grad", "steps"].every((name) => name in node);
  return isKept ? [node as unknown as Kept] : Object.values(node).flatMap(linesearchStates);
}
