import { constant } from "@layerwise/autodiff";
import { cast, clipByValue, div, exp, tidy } from "@tensorflow/tfjs-core";
import { plus, times } from "../core/arithmetic.ts";
import { checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";

/** Options of {@link halfLifeSchedule}. */
export interface HalfLifeScheduleOptions {
  /** The decay at the start, in (0, 1). */
  readonly initValue: number;
  /** The decay in the end, in (0, 1). */
  readonly endValue: number;
  /** The length of the ramp; the value stays at `endValue` afterwards. */
  readonly steps: number;
}

/**
 * A decay β whose half life goes in a straight line from that of `initValue` to that of `endValue`:
 * 1 / ln βₜ = (1 − t/T) / ln β₀ + (t/T) / ln β_T.
 *
 * A straight line in β itself would reach long memories only at its very end. In float32 a decay is known
 * to 6e-8, so 1 − β of 0.9999 to 0.06 %.
 * Reference: Pagliardini et al., 2024, https://arxiv.org/abs/2409.03137, section 3.
 *
 * @example
 * ```ts
 * import { halfLifeSchedule } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const decay = halfLifeSchedule({ initValue: 0.5, endValue: 0.5 ** (1 / 9), steps: 10 });
 * const [middle] = decay(tf.scalar(5, "int32")).dataSync(); // half life 5, between 1 and 9
 * if (Math.abs((middle ?? 0) - 0.5 ** (1 / 5)) > 1e-6) throw new Error(String(middle));
 * ```
 */
export function halfLifeSchedule({
  initValue,
  endValue,
  steps,
}: HalfLifeScheduleOptions): Schedule {
  for (const [name, value] of Object.entries({ initValue, endValue })) {
    if (!(value > 0 && value < 1)) {
      throw new Error(`halfLifeSchedule: ${name}: expected a number in (0, 1), got ${value}`);
    }
  }
  checkSteps("halfLifeSchedule: steps", steps);
  const [from, to] = [1 / Math.log(initValue), 1 / Math.log(endValue)];
  return (count) =>
    tidy(() => {
      const done = clipByValue(div(cast(count, "float32"), constant(steps)), 0, 1);
      return exp(div(constant(1), plus(times(done, to - from), from)));
    });
}
