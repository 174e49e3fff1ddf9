import type { Tensor } from "@tensorflow/tfjs-core";
import { less, maximum, mul, scalar, sub, tidy, where } from "@tensorflow/tfjs-core";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";

/**
 * Runs schedules one after the other; each counts from the boundary at which it starts.
 *
 * PyTorch's SequentialLR. Throws unless there is one boundary fewer than schedules and boundaries
 * increase.
 *
 * @example
 * ```ts
 * import { constantSchedule, joinSchedules, linearSchedule } from "@layerwise/optim";
 *
 * const warmUp = linearSchedule({ initValue: 0.01, endValue: 0.1, steps: 100 });
 * const rate = joinSchedules([warmUp, constantSchedule(0.1)], [100]);
 * ```
 */
export function joinSchedules(
  schedules: readonly Schedule[],
  boundaries: readonly number[],
): Schedule {
  const [first, ...later] = schedules;
  if (first === undefined || later.length !== boundaries.length) {
    const counts = `${schedules.length} schedules and ${boundaries.length} boundaries`;
    throw new Error(`joinSchedules: expected one boundary fewer than schedules, got ${counts}`);
  }
  boundaries.forEach((boundary, i) => {
    checkSteps("joinSchedules: boundaries", boundary);
    if (boundary <= (boundaries[i - 1] ?? 0)) {
      throw new Error(`joinSchedules: expected increasing boundaries, got [${boundaries}]`);
    }
  });
  return (count) =>
    tidy(() =>
      later.reduce<Tensor>((value, schedule, i) => {
        const boundary = scalar(boundaries[i] as number, "int32");
        // A schedule is also evaluated before its start, where the value is not used: at step 0.
        const since = maximum(sub(count, boundary), scalar(0, "int32"));
        return where(less(count, boundary), value, schedule(since));
      }, first(count)),
    );
}

/**
 * The product of schedules at every step, PyTorch's ChainedScheduler.
 *
 * Any function of the count is a schedule, which is all that PyTorch's LambdaLR is: a factor of your own
 * is written with tensor operations on the int32 count.
 *
 * @example
 * ```ts
 * import { linearSchedule, multiplySchedules } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const halves = (count: tf.Tensor) => tf.tidy(() => tf.pow(0.5, tf.cast(count, "float32")));
 * const ramp = linearSchedule({ initValue: 0, endValue: 4, steps: 4 });
 * const [value] = multiplySchedules(ramp, halves)(tf.scalar(2, "int32")).dataSync();
 * if (value !== 0.5) throw new Error(String(value));
 * ```
 */
export function multiplySchedules(first: Schedule, ...rest: readonly Schedule[]): Schedule {
  return (count) =>
    tidy(() => rest.reduce<Tensor>((value, next) => mul(value, next(count)), first(count)));
}
