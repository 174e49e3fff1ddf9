import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { sub } from "@tensorflow/tfjs-core";
import { applyUpdates } from "../core/apply-updates.ts";
import { checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { isDue } from "../core/is-due.ts";
import { mapTensors } from "../core/map.ts";
import { selectTree } from "../core/select.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import type { WeightAverage } from "./weight-average.ts";

/** The state of {@link withAverage}. */
export type WithAverageState<Inner, Average> = {
  readonly count: Scalar;
  readonly inner: Inner;
  readonly average: Average;
};

/** Options of {@link withAverage}. */
export interface WithAverageOptions {
  /** Sets the parameters to their average after every k-th step. Default: never. */
  readonly overwriteEvery?: number | undefined;
}

/**
 * Keeps an average of the parameters in the state of an optimizer, so that it is saved with it.
 *
 * The average sees the parameters after each step: put everything that changes the updates inside.
 * `average.params(state.average)` returns the averaged parameters; the updates are those of the
 * optimizer, except where `overwriteEvery` sets the parameters to the average, as Keras's
 * `ema_overwrite_frequency` does. Needs the parameters.
 *
 * @example
 * ```ts
 * import { adam, applyUpdates, emaParams, withAverage } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const ema = emaParams({ decay: 0.99 });
 * const optimizer = withAverage(adam({ learningRate: 1e-3 }), ema);
 * const params = { w: tf.scalar(1) };
 * const { updates, state } = optimizer.update(params, optimizer.init(params), params);
 * const forEvaluation = ema.params<typeof params>(state.average);
 * if (applyUpdates(params, updates).w.rank !== forEvaluation.w.rank) throw new Error("shape");
 * ```
 */
export function withAverage<T extends AnyTransformation, Average>(
  transformation: T,
  average: WeightAverage<Average>,
  { overwriteEvery }: WithAverageOptions = {},
): GradientTransformation<WithAverageState<OptimizerState<T>, Average>, ExtraOf<T>> {
  if (overwriteEvery !== undefined) checkSteps("withAverage: overwriteEvery", overwriteEvery);
  type State = WithAverageState<OptimizerState<T>, Average>;
  const update = (grads: TensorTree, state: State, ...rest: [TensorTree?, never?]): unknown =>
    treeTidy(() => {
      const params = requireParams("withAverage", rest[0]);
      const result = transformation.update(grads, state.inner, ...(rest as [TensorTree, never]));
      const count = nextCount(state.count);
      const next = average.update(applyUpdates(params, result.updates), state.average);
      let { updates } = result;
      if (overwriteEvery !== undefined) {
        const due = isDue(count, overwriteEvery);
        const jump = mapTensors(sub, average.params(next), params);
        updates = selectTree(due, jump, updates);
      }
      return { updates, state: { count, inner: result.state, average: next } };
    });
  const init = (params: TensorTree): unknown => ({
    count: zeroCount(),
    inner: transformation.init(params),
    average: average.init(params),
  });
  return { init, update } as never;
}
