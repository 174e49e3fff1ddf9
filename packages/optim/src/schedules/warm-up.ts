import { tidy } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkBegin, checkPositive, checkValues } from "./check.ts";
import { joinSchedules } from "./combine.ts";
import { cosinePower } from "./cosine.ts";
import { type DecayScheduleOptions, exponentialDecaySchedule } from "./decay.ts";
import { mix } from "./interpolate.ts";
import { constantSchedule, linearSchedule } from "./polynomial.ts";
import { fraction } from "./time.ts";

/** Options of {@link warmupConstantSchedule}, and the first phase of all warm-ups. */
export interface WarmupScheduleOptions {
  /** The first value. Default 0, with which the first update does nothing. */
  readonly initValue?: Hyperparameter | undefined;
  /** The value at the end of the warm-up. */
  readonly peakValue: Hyperparameter;
  /** The length of the warm-up. */
  readonly warmupSteps: number;
}

/**
 * A straight line up to `peakValue`, which stays.
 *
 * @example
 * ```ts
 * import { warmupConstantSchedule } from "@layerwise/optim";
 *
 * const rate = warmupConstantSchedule({ initValue: 1e-5, peakValue: 1e-3, warmupSteps: 100 });
 * ```
 */
export function warmupConstantSchedule(options: WarmupScheduleOptions): Schedule {
  const { peakValue } = options;
  checkValues("warmupConstantSchedule", { peakValue });
  return afterWarmup("warmupConstantSchedule", options, constantSchedule(peakValue));
}

/** Options of {@link warmupCosineDecaySchedule}. */
export interface WarmupCosineDecayScheduleOptions extends WarmupScheduleOptions {
  /** The length of the whole schedule, warm-up included. */
  readonly steps: number;
  /** The last value, which stays. Default 0. */
  readonly endValue?: Hyperparameter | undefined;
  /** The power of the wave. Default 1. */
  readonly exponent?: number | undefined;
}

/**
 * A straight line up to `peakValue`, then half a cosine wave down to `endValue`.
 *
 * `steps` is the length of both together, as in optax (there `decay_steps`).
 *
 * @example
 * ```ts
 * import { adamW, warmupCosineDecaySchedule } from "@layerwise/optim";
 *
 * const learningRate = warmupCosineDecaySchedule({
 *   initValue: 1e-5,
 *   peakValue: 1e-3,
 *   warmupSteps: 100,
 *   steps: 1000,
 * });
 * const optimizer = adamW({ learningRate });
 * ```
 */
export function warmupCosineDecaySchedule(options: WarmupCosineDecayScheduleOptions): Schedule {
  const name = "warmupCosineDecaySchedule";
  const { peakValue, warmupSteps, steps, endValue = 0, exponent = 1 } = options;
  checkValues(name, { endValue });
  checkSteps(`${name}: steps`, steps);
  checkPositive(`${name}: exponent`, exponent);
  if (steps <= warmupSteps) {
    throw new Error(`${name}: expected steps above warmupSteps, got ${steps} and ${warmupSteps}`);
  }
  return afterWarmup(name, options, (count) =>
    tidy(() => {
      const wave = cosinePower(fraction(count, steps - warmupSteps), exponent);
      return mix(wave, peakValue, endValue);
    }),
  );
}

/** Options of {@link warmupExponentialDecaySchedule}. */
export interface WarmupExponentialDecayScheduleOptions
  extends WarmupScheduleOptions,
    Omit<DecayScheduleOptions, "initValue"> {
  /** Where the decay stops. Default: nowhere. */
  readonly endValue?: Hyperparameter | undefined;
}

/**
 * A straight line up to `peakValue`, then exponential decay by `rate` per `steps` updates.
 *
 * `begin` keeps the peak for so many steps after the warm-up.
 *
 * @example
 * ```ts
 * import { warmupExponentialDecaySchedule } from "@layerwise/optim";
 *
 * const rate = warmupExponentialDecaySchedule({
 *   peakValue: 1e-3,
 *   warmupSteps: 100,
 *   rate: 0.5,
 *   steps: 1000,
 * });
 * ```
 */
export function warmupExponentialDecaySchedule(
  options: WarmupExponentialDecayScheduleOptions,
): Schedule {
  const name = "warmupExponentialDecaySchedule";
  const { peakValue } = options;
  checkValues(name, { peakValue });
  return afterWarmup(name, options, exponentialDecaySchedule({ ...options, initValue: peakValue }));
}

/** A schedule with a warm-up in front, or without where it has no steps. */
export function afterWarmup(
  name: string,
  { initValue = 0, peakValue, warmupSteps }: WarmupScheduleOptions,
  schedule: Schedule,
): Schedule {
  checkValues(name, { initValue, peakValue });
  checkBegin(`${name}: warmupSteps`, warmupSteps);
  if (warmupSteps === 0) return schedule;
  const warmup = linearSchedule({ initValue, endValue: peakValue, steps: warmupSteps });
  return joinSchedules([warmup, schedule], [warmupSteps]);
}
