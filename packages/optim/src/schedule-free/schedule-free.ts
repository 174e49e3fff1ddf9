import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  greater,
  maximum,
  mul,
  pow,
  scalar,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { type LearningRate, learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The state of {@link scheduleFree}. */
export type ScheduleFreeState<Inner = unknown> = {
  readonly count: Scalar;
  /** The weight of the average in the training parameters. */
  readonly b1: Tensor;
  /** The sum of the weights of the average. */
  readonly weightSum: Tensor;
  /** The largest learning rate so far. */
  readonly maxLearningRate: Tensor;
  /** The iterates of the inner optimizer. */
  readonly z: TensorTree;
  readonly inner: Inner;
};

/** Options of {@link scheduleFree}. */
export interface ScheduleFreeOptions {
  /** The learning rate of the inner optimizer: the weights of the average depend on it. */
  readonly learningRate: LearningRate;
  /** The weight of the average in the training parameters, in (0, 1]. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** The power of the learning rate that weighs the average; 0 weighs all alike. Default 2. */
  readonly weightLrPower?: Hyperparameter | undefined;
}

/**
 * Replaces momentum and a decaying schedule of another optimizer by an average of its iterates.
 *
 * The inner optimizer moves z by its updates for gradients at y, x is the average of the z, and y
 * lies between: z ← z + u(∇f(y)), x ← (1 − c) x + c z, y ← (1 − β₁) z + β₁ x, with c = w / Σw and
 * w = (max η so far) ^ weightLrPower. **The parameters that training sees are y; evaluate, and keep,
 * x**: {@link scheduleFreeEvalParams}.
 *
 * Give the inner optimizer no momentum and the same learning rate, constant or warmed up. As in optax
 * and the authors' package weights use the largest rate so far, where the paper has the current one;
 * unlike optax 0.2.8 (its issue 1744) they use the rate of the same step as the inner optimizer, not
 * of the one after. Steps of rate 0 have no weight. `update` needs the parameters y.
 * Reference: Defazio et al., 2024, https://arxiv.org/abs/2405.15682.
 *
 * @example
 * ```ts
 * import { lars, scheduleFree } from "@layerwise/optim";
 *
 * const learningRate = 0.1;
 * const optimizer = scheduleFree(lars({ learningRate, momentum: 0 }), { learningRate });
 * ```
 */
export function scheduleFree<T extends AnyTransformation>(
  inner: T,
  options: ScheduleFreeOptions,
): GradientTransformation<ScheduleFreeState<OptimizerState<T>>, ExtraOf<T>> {
  const { learningRate, b1 = 0.9, weightLrPower = 2 }: Partial<ScheduleFreeOptions> = options ?? {};
  checkLearningRate("scheduleFree", learningRate);
  checkWeight(b1);
  checkRange("scheduleFree: weightLrPower", weightLrPower, 0);

  const init = (params: TensorTree): ScheduleFreeState =>
    treeTidy(() => ({
      count: zeroCount(),
      b1: clone(tensorOf(b1)),
      weightSum: scalar(0),
      maxLearningRate: scalar(0),
      z: mapTensors(clone, params),
      inner: inner.init(params),
    }));

  const update: AnyTransformation["update"] = (grads, before, params, extra) =>
    treeTidy(() => {
      const wanted = requireParams("scheduleFree", params);
      const state = before as ScheduleFreeState;
      const step = inner.update(grads, state.inner, params, extra);
      const rate = learningRateAt(learningRate, state.count);
      const maxLearningRate = maximum(state.maxLearningRate, rate);
      const weight = pow(maxLearningRate, tensorOf(weightLrPower));
      const weightSum = add(state.weightSum, weight);
      const c = where(greater(weightSum, 0), div(weight, weightSum), 0);

      // y' − y = c (z − y) + (1 − β₁ (1 − c)) u: without x, and without rounding where u is 0.
      const by = sub(1, mul(tensorOf(b1), sub(1, c)));
      const updates = mapTensors(
        (u, z, y) => add(mul(c, sub(z, y)), mul(by, u)),
        step.updates,
        state.z,
        wanted,
      );
      const next = {
        count: nextCount(state.count),
        b1: clone(tensorOf(b1)),
        weightSum,
        maxLearningRate,
        z: mapTensors(add, state.z, step.updates),
        inner: step.state,
      };
      return { updates, state: next };
    }) as never;

  return { init, update } as unknown as GradientTransformation<
    ScheduleFreeState<OptimizerState<T>>,
    ExtraOf<T>
  >;
}

/**
 * The parameters to evaluate and to keep: the average x = z + (y − z) / β₁, from the training
 * parameters y and the state of {@link scheduleFree}.
 *
 * @example
 * ```ts
 * import { applyUpdates, scheduleFreeEvalParams, scheduleFreeSgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = scheduleFreeSgd({ learningRate: 0.5 });
 * const params = { w: tf.tensor1d([1, 2]) };
 * const start = optimizer.init(params);
 * const { updates, state } = optimizer.update({ w: tf.tensor1d([2, 4]) }, start, params);
 * const training = applyUpdates(params, updates);
 * const { w } = scheduleFreeEvalParams(state, training);
 * if (w.dataSync().some((x) => Math.abs(x) > 1e-6)) throw new Error(String(w));
 * ```
 */
export function scheduleFreeEvalParams<Params extends TensorTree>(
  state: ScheduleFreeState,
  params: Params,
): Params {
  return treeTidy(() => mapTensors((y, z) => add(z, div(sub(y, z), state.b1)), params, state.z));
}

function checkWeight(b1: Hyperparameter): void {
  if (typeof b1 !== "number" || (b1 > 0 && b1 <= 1)) return;
  throw new Error(`scheduleFree: b1: expected a number in (0, 1], got ${b1}`);
}
