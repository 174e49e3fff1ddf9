import { div, sub, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkValues } from "./check.ts";
import { mix } from "./interpolate.ts";
import { fraction } from "./time.ts";

/** Options of {@link rexSchedule}. */
export interface RexScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** The last value, which stays. Default 0. */
  readonly endValue?: Hyperparameter | undefined;
  /** The length of the decay. */
  readonly steps: number;
}

/**
 * REX, for a given budget of steps: a decay that is slow at first and fast at the end.
 *
 * endValue + (initValue − endValue) · (1 − x) / (½ + ½ (1 − x)), where x goes from 0 to 1.
 * Reference: Chen et al., 2021, https://arxiv.org/abs/2107.04197.
 *
 * @example
 * ```ts
 * import { rexSchedule } from "@layerwise/optim";
 *
 * const rate = rexSchedule({ initValue: 0.1, steps: 1000 });
 * ```
 */
export function rexSchedule({ initValue, endValue = 0, steps }: RexScheduleOptions): Schedule {
  checkValues("rexSchedule", { initValue, endValue });
  checkSteps("rexSchedule: steps", steps);
  return (count) =>
    tidy(() => {
      const x = fraction(count, steps);
      return mix(div(sub(1, x), sub(1, times(x, 0.5))), initValue, endValue);
    });
}
