import type { Tensor } from "@tensorflow/tfjs-core";
import { less, pow, scalar, sub, tidy, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkFinite, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkBegin, checkPositive, checkValues } from "./check.ts";
import { constantly, mix } from "./interpolate.ts";
import { elapsed, fraction } from "./time.ts";

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
export function constantSchedule(value: Hyperparameter): Schedule {
  checkFinite("constantSchedule", value);
  return (count) => tidy(() => constantly(value, elapsed(count)));
}

/** Options of {@link linearSchedule}. */
export interface LinearScheduleOptions {
  /** The value at the start. */
  readonly initValue: Hyperparameter;
  /** The value after `steps`. */
  readonly endValue: Hyperparameter;
  /** The length of the ramp; the value stays at `endValue` afterwards. */
  readonly steps: number;
  /** The step at which the ramp starts. Default 0. */
  readonly begin?: number | undefined;
}

/** Options of {@link polynomialSchedule}. */
export interface PolynomialScheduleOptions extends LinearScheduleOptions {
  /** The exponent p, above 0. */
  readonly power: number;
}

/**
 * A straight line from `initValue` to `endValue`, constant on both sides.
 *
 * A warm-up that starts at 0 makes the first update do nothing; start above it to avoid that. PyTorch's
 * LinearLR takes factors of the learning rate instead.
 *
 * @example
 * ```ts
 * import { linearSchedule } from "@layerwise/optim";
 *
 * const rate = linearSchedule({ initValue: 0.1, endValue: 0.001, steps: 1000 });
 * ```
 */
export function linearSchedule(options: LinearScheduleOptions): Schedule {
  return powerOfLine("linearSchedule", { ...options, power: 1 });
}

/**
 * A power of a straight line: endValue + (initValue − endValue) (1 − x)^p, where x goes from 0 at
 * `begin` to 1 after `steps` and stays there.
 *
 * As in optax; PyTorch's PolynomialLR is the one that ends at 0.
 *
 * @example
 * ```ts
 * import { polynomialSchedule } from "@layerwise/optim";
 *
 * const rate = polynomialSchedule({ initValue: 0.1, endValue: 0.001, steps: 1000, power: 2 });
 * ```
 */
export function polynomialSchedule(options: PolynomialScheduleOptions): Schedule {
  return powerOfLine("polynomialSchedule", options);
}

/** Options of {@link constantFactorSchedule}. */
export interface ConstantFactorScheduleOptions {
  /** The value from `steps` on. */
  readonly endValue: Hyperparameter;
  /** What it is multiplied by before. Default 1/3. */
  readonly factor?: number | undefined;
  /** The length of the first phase. Default 5. */
  readonly steps?: number | undefined;
}

/**
 * `factor` · `endValue` for some steps, `endValue` afterwards: PyTorch's ConstantLR.
 *
 * @example
 * ```ts
 * import { constantFactorSchedule } from "@layerwise/optim";
 *
 * const rate = constantFactorSchedule({ endValue: 0.1, factor: 0.5, steps: 100 });
 * ```
 */
export function constantFactorSchedule({
  endValue,
  factor = 1 / 3,
  steps = 5,
}: ConstantFactorScheduleOptions): Schedule {
  checkValues("constantFactorSchedule", { endValue, factor });
  checkSteps("constantFactorSchedule: steps", steps);
  return (count) =>
    tidy(() => {
      const early = less(count, scalar(steps, "int32"));
      const value = constantly(endValue, elapsed(count));
      return where(early, times(value, factor), value);
    });
}

function powerOfLine(
  name: string,
  { initValue, endValue, steps, begin = 0, power }: PolynomialScheduleOptions,
): Schedule {
  checkValues(name, { initValue, endValue });
  checkSteps(`${name}: steps`, steps);
  checkBegin(`${name}: begin`, begin);
  checkPositive(`${name}: power`, power);
  const bend = (left: Tensor): Tensor => (power === 1 ? left : pow(left, tensorOf(power)));
  return (count) =>
    tidy(() => mix(bend(sub(1, fraction(count, steps, begin))), initValue, endValue));
}
