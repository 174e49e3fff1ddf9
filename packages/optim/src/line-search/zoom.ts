import { constant, whileLoop } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  cast,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { selectTree } from "../core/select.ts";
import { interpolate } from "./interpolate.ts";
import type { Evaluated, Line } from "./line.ts";

/** Options of a search for a step that satisfies the strong Wolfe conditions. */
export interface ZoomOptions {
  /** Largest number of steps to try. Default 20. */
  readonly maxLinesearchSteps?: number | undefined;
  /** Largest step. Default: none. */
  readonly maxLearningRate?: Hyperparameter | undefined;
  /** Growth of the step as long as the loss still falls steeply. Default 2. */
  readonly increaseFactor?: Hyperparameter | undefined;
  /** c₁: the decrease to reach, as a fraction of what the slope promises. Default 1e-4. */
  readonly slopeRtol?: Hyperparameter | undefined;
  /** c₂: the slope to reach, as a fraction of the first one. Default 0.9. */
  readonly curvRtol?: Hyperparameter | undefined;
  /** The relative difference of losses below which their slopes decide. Default 1e-6. */
  readonly approxDecRtol?: Hyperparameter | undefined;
  /** The relative width at which an interval is not searched any more. Default 1e-5. */
  readonly intervalThreshold?: Hyperparameter | undefined;
}

/** Settings of {@link zoom}: the defaults filled in. */
export type ZoomSettings = {
  readonly [K in Exclude<keyof ZoomOptions, "maxLearningRate">]-?: NonNullable<ZoomOptions[K]>;
} & Pick<ZoomOptions, "maxLearningRate">;

/** A step and the loss there. */
type End = { readonly step: Scalar; readonly value: Scalar };

/** The variables of the search. */
type Search = {
  /** The best point so far. */
  readonly low: Evaluated;
  /** The other end of the interval that holds a good step, once there is one. */
  readonly high: End;
  /** An earlier end, for the cubic. */
  readonly reference: End;
  readonly bracketed: Tensor;
  /** The step to try next. */
  readonly trial: Scalar;
  readonly done: Tensor;
  readonly steps: Scalar;
};

const end = ({ step, value }: End): End => ({ step, value });

/**
 * Nocedal and Wright's algorithms 3.5 and 3.6 in one loop: steps grow until an interval holds a good
 * one, which is then narrowed down. Returns the best point met, `start` where nothing lay lower.
 *
 * Near a minimum differences of losses drown in rounding while slopes keep their digits. As in Hager
 * and Zhang's approximate conditions, a rise by a small fraction of the loss therefore is none.
 */
export function zoom(
  line: Line,
  start: Evaluated,
  firstStep: Scalar,
  settings: ZoomSettings,
): { readonly point: Evaluated; readonly steps: Scalar } {
  const { maxLinesearchSteps, increaseFactor, maxLearningRate } = settings;
  const decrease = times(start.slope, settings.slopeRtol);
  const flatEnough = neg(times(start.slope, settings.curvRtol));
  // Losses that close to each other do not say which one is lower; slopes decide then.
  const blurred = ({ value }: End): Tensor => add(value, times(abs(value), settings.approxDecRtol));
  const highest = blurred(start);

  const body = (search: Search): Search => {
    const { low, high, bracketed } = search;
    const trial = line(search.trial);
    const tooHigh = logicalOr(
      greater(trial.value, add(highest, mul(trial.step, decrease))),
      greater(trial.value, blurred(low)),
    );
    const accepted = logicalAnd(logicalNot(tooHigh), lessEqual(abs(trial.slope), flatEnough));
    const ahead = where(bracketed, sub(high.step, low.step), constant(1));
    const passed = logicalAnd(logicalNot(tooHigh), greaterEqual(mul(trial.slope, ahead), 0));
    const next = {
      low: selectTree(tooHigh, low, trial),
      high: selectTree(tooHigh, end(trial), selectTree(passed, end(low), high)),
      reference: selectTree(logicalOr(tooHigh, passed), high, end(low)),
      bracketed: logicalOr(bracketed, logicalOr(tooHigh, passed)),
    };
    const grown = times(search.trial, increaseFactor);
    const beyond =
      maxLearningRate === undefined ? grown : minimum(grown, tensorOf(maxLearningRate));
    const between = interpolate(next.low, next.high, next.reference, bracketed);
    const exhausted = where(
      next.bracketed,
      narrow(next.low.step, next.high.step, settings.intervalThreshold),
      lessEqual(beyond, search.trial),
    );
    return {
      ...next,
      trial: where(next.bracketed, between, beyond) as Scalar,
      done: logicalOr(accepted, exhausted),
      steps: nextCount(search.steps),
    };
  };

  const found = whileLoop(
    ({ done, steps }: Search) => logicalAnd(logicalNot(done), less(steps, maxLinesearchSteps)),
    body,
    {
      low: start,
      high: end(start),
      reference: end(start),
      bracketed: cast(constant(0), "bool"),
      trial: firstStep,
      done: logicalNot(less(start.slope, 0)),
      steps: zeroCount(),
    },
  );
  return { point: found.low, steps: found.steps };
}

/** Whether an interval is not worth another trial: there must be a lower point already. */
function narrow(low: Tensor, high: Tensor, threshold: Hyperparameter): Tensor {
  const width = abs(sub(high, low));
  const small = lessEqual(width, times(maximum(low, high), threshold));
  return logicalAnd(small, greater(low, 0));
}
