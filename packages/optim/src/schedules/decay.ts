import type { Tensor } from "@tensorflow/tfjs-core";
import { add, div, exp, log, maximum, minimum, neg, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkBegin, checkPositive, checkValues } from "./check.ts";
import { elapsed, periods } from "./time.ts";

/** Options of {@link inverseTimeDecaySchedule}. */
export interface DecayScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** The decay per `steps` updates. */
  readonly rate: number;
  /** The number of updates over which `rate` applies once. Default 1. */
  readonly steps?: number | undefined;
  /** Decay in jumps, every `steps` updates, not continuously. Default false. */
  readonly staircase?: boolean | undefined;
  /** The step at which the decay starts. Default 0. */
  readonly begin?: number | undefined;
}

/** Options of {@link exponentialDecaySchedule}. */
export interface ExponentialDecayScheduleOptions extends DecayScheduleOptions {
  /** Where the decay stops: the least value, or the largest where `rate` is 1 or more. Default: none. */
  readonly endValue?: Hyperparameter | undefined;
}

/**
 * Exponential decay: initValue · rate^((t − begin) / steps), `initValue` before `begin`.
 *
 * PyTorch's ExponentialLR has `steps: 1`, Keras' ExponentialDecay neither `begin` nor `endValue`.
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
  begin = 0,
  endValue,
}: ExponentialDecayScheduleOptions): Schedule {
  checkValues("exponentialDecaySchedule", { initValue, endValue: endValue ?? 0 });
  checkPositive("exponentialDecaySchedule: rate", rate);
  checkSteps("exponentialDecaySchedule: steps", steps);
  checkBegin("exponentialDecaySchedule: begin", begin);
  const bound = rate < 1 ? maximum : minimum;
  return (count) =>
    tidy(() => {
      const passed = periods(elapsed(count, begin), steps, staircase);
      const value: Tensor = times(exp(times(passed, Math.log(rate))), initValue);
      return endValue === undefined ? value : bound(value, tensorOf(endValue));
    });
}

/** Options of {@link stepDecaySchedule}. */
export interface StepDecayScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** What the value is multiplied by every `steps` updates. */
  readonly rate: number;
  /** The number of updates between two drops. */
  readonly steps: number;
}

/**
 * Multiplies the value every `steps` updates: initValue · rate^⌊t / steps⌋. PyTorch's StepLR.
 *
 * @example
 * ```ts
 * import { stepDecaySchedule } from "@layerwise/optim";
 *
 * const rate = stepDecaySchedule({ initValue: 0.1, rate: 0.1, steps: 30 });
 * ```
 */
export function stepDecaySchedule({ initValue, rate, steps }: StepDecayScheduleOptions): Schedule {
  checkValues("stepDecaySchedule", { initValue });
  checkPositive("stepDecaySchedule: rate", rate);
  checkSteps("stepDecaySchedule: steps", steps);
  return exponentialDecaySchedule({ initValue, rate, steps, staircase: true });
}

/**
 * Decay with the inverse of time: initValue / (1 + rate · (t − begin) / steps). Keras'
 * InverseTimeDecay.
 *
 * @example
 * ```ts
 * import { inverseTimeDecaySchedule } from "@layerwise/optim";
 *
 * const rate = inverseTimeDecaySchedule({ initValue: 0.1, rate: 0.5, steps: 1000 });
 * ```
 */
export function inverseTimeDecaySchedule({
  initValue,
  rate,
  steps = 1,
  staircase = false,
  begin = 0,
}: DecayScheduleOptions): Schedule {
  checkValues("inverseTimeDecaySchedule", { initValue });
  checkRange("inverseTimeDecaySchedule: rate", rate, 0);
  checkSteps("inverseTimeDecaySchedule: steps", steps);
  checkBegin("inverseTimeDecaySchedule: begin", begin);
  return (count) =>
    tidy(() => {
      const passed = periods(elapsed(count, begin), steps, staircase);
      return div(tensorOf(initValue), add(times(passed, rate), 1));
    });
}

/** Options of {@link inversePowerDecaySchedule}. */
export interface InversePowerDecayScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** The exponent p, above 0. Default 1. */
  readonly power?: number | undefined;
  /** The time scale. Default 1. */
  readonly steps?: number | undefined;
  /** The step at which the decay starts. Default 0. */
  readonly begin?: number | undefined;
}

/**
 * Polynomial decay in time, which never ends: initValue · (1 + (t − begin) / steps)^(−p).
 *
 * With the defaults initValue / k in the k-th update. After a linear warm-up of w steps, `begin` = w,
 * `steps` = w and p = ½ give the √(w/t) of the transformer (Vaswani et al., 2017,
 * https://arxiv.org/abs/1706.03762).
 *
 * @example
 * ```ts
 * import { inversePowerDecaySchedule, joinSchedules, linearSchedule } from "@layerwise/optim";
 *
 * const warmUp = linearSchedule({ initValue: 1e-6, endValue: 1e-3, steps: 4000 });
 * const decay = inversePowerDecaySchedule({ initValue: 1e-3, power: 0.5, steps: 4000 });
 * const transformer = joinSchedules([warmUp, decay], [4000]);
 * ```
 */
export function inversePowerDecaySchedule({
  initValue,
  power = 1,
  steps = 1,
  begin = 0,
}: InversePowerDecayScheduleOptions): Schedule {
  checkValues("inversePowerDecaySchedule", { initValue });
  checkPositive("inversePowerDecaySchedule: power", power);
  checkSteps("inversePowerDecaySchedule: steps", steps);
  checkBegin("inversePowerDecaySchedule: begin", begin);
  return (count) =>
    tidy(() => {
      const time = add(div(elapsed(count, begin), tensorOf(steps)), 1);
      if (power === 1) return div(tensorOf(initValue), time);
      return times(exp(neg(times(log(time), power))), initValue);
    });
}
