import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clipByValue, div, exp, less, mul, sub, tidy, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkPositive, checkValues } from "./check.ts";
import { joinSchedules } from "./combine.ts";
import { halfCosine, mix } from "./interpolate.ts";
import { elapsed, HORIZON, sincePeriod, wholePeriods } from "./time.ts";
import { type WarmupCosineDecayScheduleOptions, warmupCosineDecaySchedule } from "./warm-up.ts";

/** Options of {@link cosineRestartsSchedule}. */
export interface CosineRestartsScheduleOptions {
  /** The value at the start of the first cycle. */
  readonly initValue: Hyperparameter;
  /** The value towards which each cycle falls. Default 0. */
  readonly endValue?: Hyperparameter | undefined;
  /** The length of the first cycle. */
  readonly steps: number;
  /** What the length is multiplied by after each cycle, at least 1. Default 1. */
  readonly stepsFactor?: number | undefined;
  /** What the height over `endValue` is multiplied by after each cycle. Default 1. */
  readonly valueFactor?: number | undefined;
}

/**
 * Half cosine waves from `initValue` to `endValue`, again and again: SGDR.
 *
 * PyTorch's CosineAnnealingWarmRestarts (T_0, T_mult) and Keras' CosineDecayRestarts (t_mul, with the
 * default 2, and m_mul). The step at which a cycle would reach `endValue` is the first of the next.
 * With `stepsFactor` above 1 the program has one comparison for each cycle that begins in the
 * first 2²⁴ steps, 21 for 10 steps and a factor of 2.
 * Reference: Loshchilov and Hutter, 2017, https://arxiv.org/abs/1608.03983.
 *
 * @example
 * ```ts
 * import { cosineRestartsSchedule } from "@layerwise/optim";
 *
 * const rate = cosineRestartsSchedule({ initValue: 0.1, steps: 10, stepsFactor: 2 });
 * ```
 */
export function cosineRestartsSchedule({
  initValue,
  endValue = 0,
  steps,
  stepsFactor = 1,
  valueFactor = 1,
}: CosineRestartsScheduleOptions): Schedule {
  checkValues("cosineRestartsSchedule", { initValue, endValue });
  checkSteps("cosineRestartsSchedule: steps", steps);
  checkPositive("cosineRestartsSchedule: valueFactor", valueFactor);
  const cycles = stepsFactor === 1 ? [] : cyclesOf(steps, stepsFactor);
  return (count) =>
    tidy(() => {
      const time = elapsed(count);
      const { passed, cycle } =
        stepsFactor === 1 ? equalCycles(time, steps) : growingCycles(time, cycles);
      const wave = halfCosine(clipByValue(passed, 0, 1));
      const height = valueFactor === 1 ? wave : mul(wave, exp(times(cycle, Math.log(valueFactor))));
      return mix(height, initValue, endValue);
    });
}

/** A cycle in steps. */
interface Cycle {
  readonly start: number;
  readonly length: number;
}

/** Where in its cycle a time is, from 0 to 1, and in which. */
interface Place {
  readonly passed: Tensor;
  readonly cycle: Tensor;
}

function equalCycles(time: Tensor, steps: number): Place {
  const cycle = wholePeriods(time, steps);
  return { cycle, passed: div(sincePeriod(time, cycle, steps), tensorOf(steps)) };
}

// Chosen from a table: the powers of a logarithm would miss the first step of a cycle.
function growingCycles(time: Tensor, cycles: readonly Cycle[]): Place {
  let [start, length, cycle]: [Tensor, Tensor, Tensor] = [time, time, time];
  cycles.forEach((next, i) => {
    const before = less(time, constant(next.start));
    start = where(before, start, constant(next.start));
    length = where(before, length, constant(next.length));
    cycle = where(before, cycle, constant(i));
  });
  return { cycle, passed: div(sub(time, start), length) };
}

const MOST_CYCLES = 256;

/** The cycles that begin before the horizon. */
function cyclesOf(steps: number, factor: number): readonly Cycle[] {
  const cycles: Cycle[] = [];
  const count = Math.log1p((HORIZON * (factor - 1)) / steps) / Math.log(factor);
  if (!(factor > 1 && count <= MOST_CYCLES)) {
    throw new Error(
      `cosineRestartsSchedule: stepsFactor: expected 1 or a factor with at most ${MOST_CYCLES} ` +
        `cycles in ${HORIZON} steps, got ${factor}`,
    );
  }
  let [start, length] = [0, steps];
  while (start < HORIZON) {
    cycles.push({ start, length });
    [start, length] = [wholeIfClose(start + length), length * factor];
  }
  return cycles;
}

// A rounding of 1e-16 would put the first step of a cycle at the end of the one before.
function wholeIfClose(x: number): number {
  return Math.abs(x - Math.round(x)) < 1e-9 * x ? Math.round(x) : x;
}

/**
 * Warm-ups with cosine decay one after the other, each with its own options, as optax' sgdr_schedule.
 *
 * @example
 * ```ts
 * import { sgdrSchedule } from "@layerwise/optim";
 *
 * const rate = sgdrSchedule([
 *   { peakValue: 0.1, warmupSteps: 10, steps: 100 },
 *   { peakValue: 0.05, warmupSteps: 10, steps: 200 },
 * ]);
 * ```
 */
export function sgdrSchedule(cycles: readonly WarmupCosineDecayScheduleOptions[]): Schedule {
  if (cycles.length === 0) throw new Error("sgdrSchedule: expected at least one cycle, got none");
  let total = 0;
  const ends = cycles.map(({ steps }) => {
    total += steps;
    return total;
  });
  return joinSchedules(cycles.map(warmupCosineDecaySchedule), ends.slice(0, -1));
}
