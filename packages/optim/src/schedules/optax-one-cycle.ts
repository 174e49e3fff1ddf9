import { tidy } from "@tensorflow/tfjs-core";
import { times } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkFraction } from "./check.ts";
import { pathThrough } from "./interpolate.ts";
import { heightsOf, type OneCycleHeights } from "./one-cycle.ts";
import { elapsed } from "./time.ts";

/** Options of {@link cosineOneCycleSchedule}. */
export interface CosineOneCycleScheduleOptions extends OneCycleHeights {
  /** The length of the cycle; the value stays at its end afterwards. */
  readonly steps: number;
  /** The fraction of steps after which the peak is reached. Default 0.3. */
  readonly pctStart?: number | undefined;
}

/** Options of {@link linearOneCycleSchedule}. */
export interface LinearOneCycleScheduleOptions extends CosineOneCycleScheduleOptions {
  /** The fraction of steps after which the first value is reached again. Default 0.85. */
  readonly pctFinal?: number | undefined;
}

/**
 * Super-convergence in three straight lines: up to the peak, back, and down to almost nothing.
 *
 * As in optax. Reference: Smith and Topin, 2018, https://arxiv.org/abs/1708.07120.
 *
 * @example
 * ```ts
 * import { linearOneCycleSchedule } from "@layerwise/optim";
 *
 * const rate = linearOneCycleSchedule({ peakValue: 0.1, steps: 1000 });
 * ```
 */
export function linearOneCycleSchedule(options: LinearOneCycleScheduleOptions): Schedule {
  const name = "linearOneCycleSchedule";
  const { peakValue, steps, pctStart = 0.3, pctFinal = 0.85 } = options;
  const { first, last } = heightsOf(name, options);
  checkSteps(`${name}: steps`, steps);
  checkFraction(`${name}: pctStart`, pctStart);
  checkFraction(`${name}: pctFinal`, pctFinal);
  if (pctFinal < pctStart) {
    throw new Error(`${name}: expected pctFinal from pctStart on, got ${pctFinal} and ${pctStart}`);
  }
  const knots = [
    { at: 0, value: first },
    { at: Math.trunc(pctStart * steps), value: 1 },
    { at: Math.trunc(pctFinal * steps), value: first },
    { at: steps, value: last },
  ] as const;
  return (count) => tidy(() => times(pathThrough(elapsed(count), knots, "linear"), peakValue));
}

/**
 * Super-convergence in two half cosine waves: up to the peak and down to almost nothing.
 *
 * As in optax: it arrives at step `steps`, where {@link oneCycleSchedule} does one step earlier.
 * Reference: Smith and Topin, 2018, https://arxiv.org/abs/1708.07120.
 *
 * @example
 * ```ts
 * import { cosineOneCycleSchedule } from "@layerwise/optim";
 *
 * const rate = cosineOneCycleSchedule({ peakValue: 0.1, steps: 1000 });
 * ```
 */
export function cosineOneCycleSchedule(options: CosineOneCycleScheduleOptions): Schedule {
  const { peakValue, steps, pctStart = 0.3 } = options;
  const { first, last } = heightsOf("cosineOneCycleSchedule", options);
  checkSteps("cosineOneCycleSchedule: steps", steps);
  checkFraction("cosineOneCycleSchedule: pctStart", pctStart);
  const knots = [
    { at: 0, value: first },
    { at: Math.trunc(pctStart * steps), value: 1 },
    { at: steps, value: last },
  ] as const;
  return (count) => tidy(() => times(pathThrough(elapsed(count), knots, "cosine"), peakValue));
}
