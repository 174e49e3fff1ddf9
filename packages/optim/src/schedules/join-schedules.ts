import type { Tensor } from "@tensorflow/tfjs-core";
import { fill, less, maximum, scalar, sub, tidy, where } from "@tensorflow/tfjs-core";
import { times } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";

/**
 * Multiplies a value by a factor at each given step and keeps it in between.
 *
 * @example
 * ```ts
 * import { piecewiseConstantSchedule } from "@layerwise/optim";
 *
 * const rate = piecewiseConstantSchedule(0.1, { 30: 0.1, 80: 0.1 }); // 0.1, then 0.01, then 0.001
 * ```
 */
export function piecewiseConstantSchedule(
  initValue: number,
  factors: Readonly<Record<number, number>>,
): Schedule {
  const steps = Object.entries(factors).map(([step, factor]) => [Number(step), factor] as const);
  for (const [step] of steps) checkSteps("piecewiseConstantSchedule: factors", step);
  return (count) =>
    tidy(() =>
      steps.reduce<Tensor>(
        (value, [step, factor]) =>
          where(less(count, scalar(step, "int32")), value, times(value, factor)),
        fill(count.shape, initValue),
      ),
    );
}

/**
 * Runs schedules one after the other; each counts from the boundary at which it starts.
 *
 * Throws unless there is one boundary fewer than schedules and boundaries increase.
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
