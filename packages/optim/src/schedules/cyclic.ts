import { div, exp, minimum, mul, sub, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkChoice, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkPositive, checkValues } from "./check.ts";
import { mix } from "./interpolate.ts";
import { elapsed, sincePeriod, wholePeriods } from "./time.ts";

/** How the height of the triangles changes: not, halved after each, or by gammaᵗ. */
export type CyclicMode = "triangular" | "triangular2" | "expRange";

const modes: readonly CyclicMode[] = ["triangular", "triangular2", "expRange"];

/** Options of {@link cyclicSchedule}. */
export interface CyclicScheduleOptions {
  /** The value at the start of each cycle. */
  readonly initValue: Hyperparameter;
  /** The value at the top of the first. */
  readonly peakValue: Hyperparameter;
  /** The number of steps from `initValue` to the top. */
  readonly upSteps: number;
  /** The number of steps back. Default `upSteps`. */
  readonly downSteps?: number | undefined;
  /** Default "triangular". */
  readonly mode?: CyclicMode | undefined;
  /** The decay of the height per step in mode "expRange". Default 1. */
  readonly gamma?: number | undefined;
}

/**
 * Triangles without end, between two values: initValue + (peakValue − initValue) · scale · height.
 *
 * PyTorch's CyclicLR. Its momentum cycle is a schedule too, with the two values exchanged.
 * Reference: Smith, 2017, https://arxiv.org/abs/1506.01186.
 *
 * @example
 * ```ts
 * import { cyclicSchedule } from "@layerwise/optim";
 *
 * const rate = cyclicSchedule({ initValue: 1e-4, peakValue: 1e-2, upSteps: 2000 });
 * const momentum = cyclicSchedule({ initValue: 0.9, peakValue: 0.8, upSteps: 2000 });
 * ```
 */
export function cyclicSchedule({
  initValue,
  peakValue,
  upSteps,
  downSteps = upSteps,
  mode = "triangular",
  gamma = 1,
}: CyclicScheduleOptions): Schedule {
  checkValues("cyclicSchedule", { initValue, peakValue });
  checkSteps("cyclicSchedule: upSteps", upSteps);
  checkSteps("cyclicSchedule: downSteps", downSteps);
  checkChoice("cyclicSchedule: mode", mode, modes);
  checkPositive("cyclicSchedule: gamma", gamma);
  const steps = upSteps + downSteps;
  return (count) =>
    tidy(() => {
      const time = elapsed(count);
      const cycle = wholePeriods(time, steps);
      const since = sincePeriod(time, cycle, steps);
      const up = div(since, tensorOf(upSteps));
      const down = div(sub(tensorOf(steps), since), tensorOf(downSteps));
      const height = minimum(up, down);
      if (mode === "triangular") return mix(height, peakValue, initValue);
      const passed =
        mode === "triangular2" ? times(cycle, -Math.LN2) : times(time, Math.log(gamma));
      return mix(mul(height, exp(passed)), peakValue, initValue);
    });
}
