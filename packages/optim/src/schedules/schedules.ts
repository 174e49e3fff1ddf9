import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clipByValue,
  cos,
  div,
  exp,
  fill,
  floor,
  sub,
  tidy,
} from "@tensorflow/tfjs-core";
import { plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkFinite, checkRange, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";

/**
 * The same value at every step.
 *
 * @example
 * ```ts
 * import { constantSchedule } from "@layerwise/optim";
 *
 * const rate = constantSchedule(0.1);
 * ```
 */
export function constantSchedule(value: number): Schedule {
  checkFinite("constantSchedule", value);
  return (count) => fill(count.shape, value);
}

/** Options of {@link linearSchedule}. */
export interface LinearScheduleOptions {
  readonly initValue: number;
  readonly endValue: number;
  /** The length of the ramp; the value stays at `endValue` afterwards. */
  readonly steps: number;
  /** The step at which the ramp starts. Default 0. */
  readonly begin?: number | undefined;
}

/**
 * A straight line from `initValue` to `endValue`, constant on both sides.
 *
 * A warm-up that starts at 0 makes the first update do nothing; start above it to avoid that.
 *
 * @example
 * ```ts
 * import { linearSchedule } from "@layerwise/optim";
 *
 * const rate = linearSchedule({ initValue: 0.1, endValue: 0.001, steps: 1000 });
 * ```
 */
export function linearSchedule({
  initValue,
  endValue,
  steps,
  begin = 0,
}: LinearScheduleOptions): Schedule {
  checkSteps("linearSchedule: steps", steps);
  return (count) =>
    tidy(() => {
      const left = sub(1, fraction(sub(cast(count, "float32"), begin), steps));
      return plus(times(left, initValue - endValue), endValue);
    });
}

/** Options of {@link exponentialDecaySchedule} and {@link inverseTimeDecaySchedule}. */
export interface DecayScheduleOptions {
  readonly initValue: number;
  /** The decay per `steps` updates. */
  readonly rate: number;
  /** The number of updates over which `rate` applies once. Default 1. */
  readonly steps?: number | undefined;
  /** Decay in jumps, every `steps` updates, not continuously. Default false. */
  readonly staircase?: boolean | undefined;
}

/**
 * Exponential decay: initValue · rate^(t / steps).
 *
 * @example
 * ```ts
 * import { exponentialDecaySchedule } from "@layerwise/optim";
 *
 * const halving = exponentialDecaySchedule({ initValue: 0.1, rate: 0.5, steps: 1000 });
 * ```
 */
export function exponentialDecaySchedule({
  initValue,
  rate,
  steps = 1,
  staircase = false,
}: DecayScheduleOptions): Schedule {
  checkSteps("exponentialDecaySchedule: steps", steps);
  checkRange("exponentialDecaySchedule: rate", rate, Number.MIN_VALUE);
  return (count) =>
    tidy(() => times(exp(times(periods(count, steps, staircase), Math.log(rate))), initValue));
}

/**
 * Decay with the inverse of time: initValue / (1 + rate · t / steps).
 *
 * @example
 * ```ts
 * import { inverseTimeDecaySchedule } from "@layerwise/optim";
 *
 * const robbinsMonro = inverseTimeDecaySchedule({ initValue: 1, rate: 1 });
 * ```
 */
export function inverseTimeDecaySchedule({
  initValue,
  rate,
  steps = 1,
  staircase = false,
}: DecayScheduleOptions): Schedule {
  checkSteps("inverseTimeDecaySchedule: steps", steps);
  checkRange("inverseTimeDecaySchedule: rate", rate, 0);
  return (count) =>
    tidy(() => div(tensorOf(initValue), add(times(periods(count, steps, staircase), rate), 1)));
}

/** Options of {@link cosineDecaySchedule}. */
export interface CosineDecayScheduleOptions {
  readonly initValue: number;
  /** The length of the decay; the value stays at its end afterwards. */
  readonly steps: number;
  /** The last value as a fraction of `initValue`. Default 0. */
  readonly alpha?: number | undefined;
}

/**
 * Half a cosine wave: initValue · (α + (1 − α) · ½ (1 + cos(π t / steps))).
 *
 * Reference: Loshchilov and Hutter, 2017, https://arxiv.org/abs/1608.03983.
 *
 * @example
 * ```ts
 * import { cosineDecaySchedule, joinSchedules, linearSchedule } from "@layerwise/optim";
 *
 * const warmUp = linearSchedule({ initValue: 0, endValue: 0.1, steps: 10 });
 * const rate = joinSchedules([warmUp, cosineDecaySchedule({ initValue: 0.1, steps: 90 })], [10]);
 * ```
 */
export function cosineDecaySchedule({
  initValue,
  steps,
  alpha = 0,
}: CosineDecayScheduleOptions): Schedule {
  checkSteps("cosineDecaySchedule: steps", steps);
  return (count) =>
    tidy(() => {
      const wave = cos(times(fraction(cast(count, "float32"), steps), Math.PI));
      const height = 0.5 * (1 - alpha) * initValue;
      return plus(times(add(wave, 1), height), alpha * initValue);
    });
}

function fraction(time: Tensor, steps: number): Tensor {
  return clipByValue(div(time, steps), 0, 1);
}

function periods(count: Tensor, steps: number, staircase: boolean): Tensor {
  const time = cast(count, "float32");
  // Half a step of slack: GPUs may round 30 / 3 to just below 10.
  return staircase ? floor(div(add(time, 0.5), steps)) : div(time, steps);
}
