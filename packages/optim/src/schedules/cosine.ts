import type { Tensor } from "@tensorflow/tfjs-core";
import { abs, div, pow, sub, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkBegin, checkPositive, checkValues } from "./check.ts";
import { halfCosine, mix, scaled } from "./interpolate.ts";
import { elapsed, fraction, sincePeriod, wholePeriods } from "./time.ts";

/** Options of {@link cosineDecaySchedule}. */
export interface CosineDecayScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** The length of the decay; the value stays at its end afterwards. */
  readonly steps: number;
  /** The last value as a fraction of `initValue`. Default 0. */
  readonly alpha?: number | undefined;
  /** The power p of the wave. Default 1. */
  readonly exponent?: number | undefined;
  /** The step at which the decay starts. Default 0. */
  readonly begin?: number | undefined;
}

/**
 * Half a cosine wave: initValue · (α + (1 − α) · (½ (1 + cos(π (t − begin) / steps)))^p).
 *
 * Stays at its end; {@link cosineAnnealingSchedule} rises again.
 * Reference: Loshchilov and Hutter, 2017, https://arxiv.org/abs/1608.03983.
 *
 * @example
 * ```ts
 * import { cosineDecaySchedule } from "@layerwise/optim";
 *
 * const rate = cosineDecaySchedule({ initValue: 0.1, steps: 1000, alpha: 0.01 });
 * ```
 */
export function cosineDecaySchedule({
  initValue,
  steps,
  alpha = 0,
  exponent = 1,
  begin = 0,
}: CosineDecayScheduleOptions): Schedule {
  checkValues("cosineDecaySchedule", { initValue, alpha });
  checkSteps("cosineDecaySchedule: steps", steps);
  checkPositive("cosineDecaySchedule: exponent", exponent);
  checkBegin("cosineDecaySchedule: begin", begin);
  return (count) =>
    tidy(() =>
      mix(
        cosinePower(fraction(count, steps, begin), exponent),
        initValue,
        scaled(initValue, alpha),
      ),
    );
}

/** (½ (1 + cos(π x)))^exponent. */
export function cosinePower(x: Tensor, exponent: number): Tensor {
  return exponent === 1 ? halfCosine(x) : pow(halfCosine(x), tensorOf(exponent));
}

/** Options of {@link cosineAnnealingSchedule}. */
export interface CosineAnnealingScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** The value after `steps`. Default 0. */
  readonly endValue?: Hyperparameter | undefined;
  /** The length of half a wave. */
  readonly steps: number;
}

/**
 * A cosine wave without end, down to `endValue` in `steps` and up again in as many:
 * endValue + (initValue − endValue) · ½ (1 + cos(π t / steps)).
 *
 * PyTorch's CosineAnnealingLR, whose T_max does not end it either.
 *
 * @example
 * ```ts
 * import { cosineAnnealingSchedule } from "@layerwise/optim";
 *
 * const rate = cosineAnnealingSchedule({ initValue: 0.1, endValue: 0.001, steps: 50 });
 * ```
 */
export function cosineAnnealingSchedule({
  initValue,
  endValue = 0,
  steps,
}: CosineAnnealingScheduleOptions): Schedule {
  checkValues("cosineAnnealingSchedule", { initValue, endValue });
  checkSteps("cosineAnnealingSchedule: steps", steps);
  return (count) =>
    tidy(() => {
      const time = elapsed(count);
      const wave = sincePeriod(time, wholePeriods(time, 2 * steps), 2 * steps);
      // The way back, folded onto the way there: the argument of the cosine stays in one half.
      const x = sub(1, abs(sub(1, div(wave, tensorOf(steps)))));
      return mix(halfCosine(x), initValue, endValue);
    });
}
