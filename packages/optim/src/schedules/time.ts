import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clipByValue,
  div,
  floor,
  maximum,
  mul,
  scalar,
  sub,
} from "@tensorflow/tfjs-core";
import { tensorOf } from "../core/arithmetic.ts";

/** The number of steps from which float32 no longer tells one step from the next. */
export const HORIZON: number = 2 ** 24;

/** The number of steps since `begin`, 0 before it, as float32. */
export function elapsed(count: Tensor, begin: number = 0): Tensor {
  if (begin === 0) return cast(count, "float32");
  const since = sub(count, scalar(begin, "int32"));
  return cast(maximum(since, scalar(0, "int32")), "float32");
}

/** How much of a phase has passed: 0 until `begin`, 1 after `steps` more. */
export function fraction(count: Tensor, steps: number, begin: number = 0): Tensor {
  return clipByValue(div(elapsed(count, begin), tensorOf(steps)), 0, 1);
}

/** The number of whole periods in a whole number of steps, exact below 2²³ = 8 388 608. */
export function wholePeriods(time: Tensor, steps: number): Tensor {
  // Half a step of slack: GPUs may round 30 / 3 to just below 10.
  return floor(div(add(time, 0.5), tensorOf(steps)));
}

/** The number of periods in a time, in jumps with `staircase`. */
export function periods(time: Tensor, steps: number, staircase: boolean): Tensor {
  return staircase ? wholePeriods(time, steps) : div(time, tensorOf(steps));
}

/** The number of steps since a period began. */
export function sincePeriod(time: Tensor, period: Tensor, steps: number): Tensor {
  return sub(time, mul(period, tensorOf(steps)));
}
