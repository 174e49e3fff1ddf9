import { tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkChoice, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkFraction, checkPositive, checkValues } from "./check.ts";
import { type Interpolation, interpolations, type Knot, mix, pathThrough } from "./interpolate.ts";
import { elapsed } from "./time.ts";

/** When the phases of a cycle begin, and the form of its slopes. */
export interface OneCyclePhases {
  /** The length of the cycle; the value stays at its end afterwards. */
  readonly steps: number;
  /** The fraction of steps after which the peak is reached. Default 0.3. */
  readonly pctStart?: number | undefined;
  /** Go back to the first value as fast as up from it, and only then to the last. Default false. */
  readonly threePhase?: boolean | undefined;
  /** The form of the slopes. Default "cosine". */
  readonly interpolation?: Interpolation | undefined;
}

/** The heights of a cycle. */
export interface OneCycleHeights {
  readonly peakValue: Hyperparameter;
  /** The peak divided by the first value. Default 25. */
  readonly divFactor?: number | undefined;
  /** The first value divided by the last. Default 10,000. */
  readonly finalDivFactor?: number | undefined;
}

/** Options of {@link oneCycleSchedule}. */
export interface OneCycleScheduleOptions extends OneCyclePhases, OneCycleHeights {}

/** Options of {@link oneCycleMomentumSchedule}. */
export interface OneCycleMomentumScheduleOptions extends OneCyclePhases {
  /** The momentum at the start and at the end. Default 0.95. */
  readonly initValue?: Hyperparameter | undefined;
  /** The momentum where the learning rate has its peak. Default 0.85. */
  readonly peakValue?: Hyperparameter | undefined;
}

/**
 * Super-convergence as in PyTorch's OneCycleLR: up from peakValue / divFactor, and down to that
 * / finalDivFactor.
 *
 * The last value belongs to update `steps` − 1, counted from 0, and stays; PyTorch throws soon after.
 * optax' versions are {@link linearOneCycleSchedule} and {@link cosineOneCycleSchedule}.
 * Reference: Smith and Topin, 2018, https://arxiv.org/abs/1708.07120.
 *
 * @example
 * ```ts
 * import { oneCycleSchedule } from "@layerwise/optim";
 *
 * const rate = oneCycleSchedule({ peakValue: 0.1, steps: 1000, threePhase: true });
 * ```
 */
export function oneCycleSchedule(options: OneCycleScheduleOptions): Schedule {
  const { first, last } = heightsOf("oneCycleSchedule", options);
  const knots = knotsOf("oneCycleSchedule", options, [first, 1, first, last]);
  const { peakValue, interpolation = "cosine" } = options;
  return (count) => tidy(() => times(pathThrough(elapsed(count), knots, interpolation), peakValue));
}

/**
 * The momentum that goes with {@link oneCycleSchedule}: least where the learning rate is largest.
 *
 * @example
 * ```ts
 * import { oneCycleMomentumSchedule } from "@layerwise/optim";
 *
 * const momentum = oneCycleMomentumSchedule({ steps: 1000 });
 * ```
 */
export function oneCycleMomentumSchedule(options: OneCycleMomentumScheduleOptions): Schedule {
  const { initValue = 0.95, peakValue = 0.85, interpolation = "cosine" } = options;
  checkValues("oneCycleMomentumSchedule", { initValue, peakValue });
  const knots = knotsOf("oneCycleMomentumSchedule", options, [1, 0, 1, 1]);
  return (count) =>
    tidy(() => mix(pathThrough(elapsed(count), knots, interpolation), initValue, peakValue));
}

/** The first and the last value as fractions of the peak. */
export function heightsOf(
  name: string,
  { peakValue, divFactor = 25, finalDivFactor = 1e4 }: OneCycleHeights,
): { readonly first: number; readonly last: number } {
  checkValues(name, { peakValue });
  checkPositive(`${name}: divFactor`, divFactor);
  checkPositive(`${name}: finalDivFactor`, finalDivFactor);
  return { first: 1 / divFactor, last: 1 / (divFactor * finalDivFactor) };
}

/** PyTorch's phases. Their ends need not be whole steps. */
function knotsOf(
  name: string,
  { steps, pctStart = 0.3, threePhase = false, interpolation = "cosine" }: OneCyclePhases,
  [first, peak, back, last]: readonly [number, number, number, number],
): readonly [Knot, ...Knot[]] {
  checkSteps(`${name}: steps`, steps);
  checkFraction(`${name}: pctStart`, pctStart);
  checkChoice(`${name}: interpolation`, interpolation, interpolations);
  if (threePhase && pctStart > 0.5) {
    throw new Error(`${name}: pctStart: expected at most 0.5 with threePhase, got ${pctStart}`);
  }
  const up = pctStart * steps - 1;
  const down = threePhase ? [{ at: 2 * up, value: back }] : [];
  return [
    { at: 0, value: first },
    { at: up, value: peak },
    ...down,
    { at: steps - 1, value: last },
  ];
}
