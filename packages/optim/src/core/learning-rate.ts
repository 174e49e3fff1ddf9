import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
import { checkScalar } from "./check.ts";

/**
 * A value that depends on the number of updates made so far, zero at the first.
 *
 * From the int32 count to a float32 tensor of its shape, in tensor operations only, so that a
 * compiled step needs no number from the host.
 */
export type Schedule = (count: Tensor) => Tensor;

/** A step size: a number, a schedule, or a scalar tensor where it is part of a state. */
export type LearningRate = number | Schedule | Tensor;

/** The step size after `count` updates (a scalar), for rules that need it inside. */
export function learningRateAt(learningRate: LearningRate, count: Tensor): Tensor {
  if (typeof learningRate === "function") {
    const value = learningRate(count);
    checkScalar("learningRate: value of the schedule", value);
    return value;
  }
  return typeof learningRate === "number" ? constant(learningRate) : clone(learningRate);
}
