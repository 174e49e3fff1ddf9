import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, cast, clone, div, lessEqual, scalar, sub, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The state of {@link averageIterates}: the number of updates and the mean of the parameters. */
export type AverageIteratesState = { readonly count: Scalar; readonly average: TensorTree };

/** Options of {@link averageIterates}. */
export interface AverageIteratesOptions {
  /** The number t₀ of updates after which the mean starts. Default 0. */
  readonly t0?: Hyperparameter | undefined;
}

/**
 * Passes updates on and keeps the mean of the parameters that they lead to: u = g,
 * a ← a + (θ + u − a) / max(1, t − t₀), with t = 0 at the first update.
 *
 * To come last in a chain. Up to t₀ + 1 the mean is the parameters themselves. `update` needs the
 * parameters. Read the mean with {@link averagedParams}.
 * Reference: Polyak and Juditsky, 1992, https://doi.org/10.1137/0330046.
 *
 * @example
 * ```ts
 * import { averageIterates, chain, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(sgd({ learningRate: 0.1 }), averageIterates({ t0: 1000 }));
 * ```
 */
export function averageIterates({
  t0 = 0,
}: AverageIteratesOptions = {}): GradientTransformation<AverageIteratesState> {
  checkRange("averageIterates: t0", t0, 0);
  return {
    init: (params) => ({ count: zeroCount(), average: mapTensors(clone, params) }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const age = sub(cast(state.count, "float32"), tensorOf(t0));
        const young = lessEqual(age, scalar(1));
        const average = mapTensors(
          (a, p, u) => {
            const next = add(p, u);
            return where(young, next, add(a, div(sub(next, a), age)));
          },
          state.average,
          requireParams("averageIterates", params),
          grads,
        );
        const updates = mapTensors(clone, grads);
        return { updates, state: { count: nextCount(state.count), average } };
      }),
  };
}

/**
 * Returns the mean that {@link averageIterates} keeps, or an optimizer that has it last, as
 * {@link asgd}. The parameters lend their type.
 *
 * @example
 * ```ts
 * import { applyUpdates, asgd, averagedParams } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = asgd({ learningRate: 1, lambd: 0, t0: 0 });
 * let params = { x: tf.scalar(4) };
 * let state = optimizer.init(params);
 * for (let i = 0; i < 3; i++) {
 *   const step = optimizer.update({ x: tf.scalar(1) }, state, params);
 *   params = applyUpdates(params, step.updates);
 *   state = step.state;
 * }
 * const { x } = averagedParams(state, params); // the mean of 2 and 1
 * if (x.dataSync()[0] !== 1.5) throw new Error(String(x));
 * ```
 */
export function averagedParams<Params extends TensorTree>(
  state: AverageIteratesState | readonly [...unknown[], AverageIteratesState],
  params: Params,
): Params {
  const own = "average" in state ? state : (state[state.length - 1] as AverageIteratesState);
  return mapTensors((_, a) => clone(a), params, own.average);
}
