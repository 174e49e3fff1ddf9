import type { Tensor } from "@tensorflow/tfjs-core";
import { less, scalar, tidy, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkChoice, checkFinite, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import {
  constantly,
  type Interpolation,
  interpolations,
  type Knot,
  pathThrough,
} from "./interpolate.ts";
import { elapsed } from "./time.ts";

/**
 * Multiplies a value by a factor at each given step and keeps it in between.
 *
 * PyTorch's MultiStepLR has one factor for all.
 *
 * @example
 * ```ts
 * import { piecewiseConstantSchedule } from "@layerwise/optim";
 *
 * const rate = piecewiseConstantSchedule(0.1, { 30: 0.1, 80: 0.1 }); // 0.1, then 0.01, then 0.001
 * ```
 */
export function piecewiseConstantSchedule(
  initValue: Hyperparameter,
  factors: Readonly<Record<number, number>>,
): Schedule {
  checkFinite("piecewiseConstantSchedule: initValue", initValue);
  const steps = entriesOf("piecewiseConstantSchedule: factors", factors);
  return (count) =>
    tidy(() =>
      steps.reduce<Tensor>(
        (value, [step, factor]) =>
          where(less(count, scalar(step, "int32")), value, times(value, factor)),
        constantly(initValue, elapsed(count)),
      ),
    );
}

/**
 * Goes from value to value, on straight lines or half cosine waves.
 *
 * The values are those of {@link piecewiseConstantSchedule}: each the one before it times the factor,
 * and reached at the factor's step. The last one stays.
 *
 * @example
 * ```ts
 * import { piecewiseInterpolateSchedule } from "@layerwise/optim";
 *
 * // Up to 1 at step 10, down to 0.01 at step 90.
 * const rate = piecewiseInterpolateSchedule(0.1, { 10: 10, 90: 0.01 }, "cosine");
 * ```
 */
export function piecewiseInterpolateSchedule(
  initValue: Hyperparameter,
  factors: Readonly<Record<number, number>>,
  interpolation: Interpolation = "linear",
): Schedule {
  checkFinite("piecewiseInterpolateSchedule: initValue", initValue);
  checkChoice("piecewiseInterpolateSchedule: interpolation", interpolation, interpolations);
  const steps = entriesOf("piecewiseInterpolateSchedule: factors", factors);
  let product = 1;
  const later = steps.map(([at, factor]): Knot => {
    product *= factor;
    return { at, value: product };
  });
  const knots = [{ at: 0, value: 1 }, ...later] as const;
  return (count) => tidy(() => times(pathThrough(elapsed(count), knots, interpolation), initValue));
}

/** Steps with their factors, in order of the steps: that of an object's whole-number keys. */
function entriesOf(
  name: string,
  factors: Readonly<Record<number, number>>,
): readonly (readonly [number, number])[] {
  const entries = Object.entries(factors).map(([step, factor]) => [Number(step), factor] as const);
  for (const [step, factor] of entries) {
    checkSteps(name, step);
    checkFinite(`${name} at ${step}`, factor);
  }
  return entries;
}
