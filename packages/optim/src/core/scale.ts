import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { mul, neg } from "@tensorflow/tfjs-core";
import { type Hyperparameter, negated, tensorOf } from "./arithmetic.ts";
import { checkFinite, checkLearningRate, checkScalar } from "./check.ts";
import { nextCount, zeroCount } from "./count.ts";
import { type LearningRate, learningRateAt, type Schedule } from "./learning-rate.ts";
import { mapTensors } from "./map.ts";
import type { EmptyState, GradientTransformation } from "./transformation.ts";

/** The state of {@link scaleBySchedule}: the number of updates made. */
export type ScheduleState = { readonly count: Scalar };

/** The state of {@link scaleByLearningRate}: a count where the rate is a schedule. */
export type LearningRateState = EmptyState | ScheduleState;

/**
 * Multiplies updates by a number: u = factor · g.
 *
 * @example
 * ```ts
 * import { adam, chain, scale } from "@layerwise/optim";
 *
 * const maximize = chain(scale(-1), adam({ learningRate: 1e-3 }));
 * ```
 */
export function scale(factor: Hyperparameter): GradientTransformation<EmptyState> {
  checkFinite("scale", factor);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const by = tensorOf(factor);
        return { updates: mapTensors((g) => mul(g, by), grads), state };
      }),
  };
}

/**
 * Multiplies updates by a schedule's value: uₜ = schedule(t) · gₜ, with t = 0 at the first update.
 *
 * @example
 * ```ts
 * import { linearSchedule, scaleBySchedule } from "@layerwise/optim";
 *
 * const fadeIn = scaleBySchedule(linearSchedule({ initValue: 0, endValue: 1, steps: 100 }));
 * ```
 */
export function scaleBySchedule(schedule: Schedule): GradientTransformation<ScheduleState> {
  return {
    init: () => ({ count: zeroCount() }),
    update: (grads, state) =>
      treeTidy(() => {
        const by = schedule(state.count);
        checkScalar("scaleBySchedule: value of the schedule", by);
        const updates = mapTensors((g) => mul(g, by), grads);
        return { updates, state: { count: nextCount(state.count) } };
      }),
  };
}

/**
 * Multiplies updates by −learningRate, a number or a schedule: the minus of gradient *descent*.
 *
 * @example
 * ```ts
 * import { chain, cosineDecaySchedule, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const rate = cosineDecaySchedule({ initValue: 1e-3, steps: 10_000 });
 * const optimizer = chain(scaleByAdam(), scaleByLearningRate(rate));
 * ```
 */
export function scaleByLearningRate(
  learningRate: LearningRate,
): GradientTransformation<LearningRateState> {
  checkLearningRate("scaleByLearningRate", learningRate);
  if (typeof learningRate !== "function") return scale(negated(learningRate));
  return scaleBySchedule((count) => neg(learningRateAt(learningRate, count)));
}
