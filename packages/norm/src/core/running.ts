import { constant } from "@layerwise/autodiff";
import { LayerError } from "@layerwise/layers";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  expm1,
  minimum,
  mul,
  ones,
  scalar,
  sub,
  zeros,
} from "@tensorflow/tfjs-core";
import { type Moments, varianceOf } from "./moments.ts";

/**
 * How running statistics follow those of the batches.
 *
 * PyTorch's momentum 0.1 is `{ weightOfBatch: 0.1 }`; momentum 0.99 of Keras, TensorFlow, Flax and
 * Equinox is `{ weightOfRunning: 0.99 }`. `debias` takes the start out of the average, as Adam does.
 * `"cumulativeMean"` is the mean over all batches, PyTorch's momentum None.
 */
export type Momentum =
  | {
      readonly weightOfBatch: number;
      readonly weightOfRunning?: never;
      readonly debias?: boolean | undefined;
    }
  | {
      readonly weightOfRunning: number;
      readonly weightOfBatch?: never;
      readonly debias?: boolean | undefined;
    }
  | "cumulativeMean";

/** What is kept for evaluation. */
export interface RunningOptions {
  /** Default `{ weightOfBatch: 0.1 }`, as PyTorch. */
  readonly momentum?: Momentum | undefined;
  /**
   * Which variance is kept: "unbiased" (÷ (n − 1)), as the paper and PyTorch, or "biased" (÷ n), as
   * Keras, TensorFlow, Flax and Equinox. Batches are normalised with the biased one in any case.
   */
  readonly runningVariance?: "unbiased" | "biased" | undefined;
}

/** Running mean [channels], variance [channels] and the number of batches seen, int32. */
export type RunningState = {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly steps: Tensor;
};

/** Before the first batch: mean 0, variance 1. */
export function initRunning(channels: number): RunningState {
  return { mean: zeros([channels]), variance: ones([channels]), steps: scalar(0, "int32") };
}

/** The weight of a batch, from the number of batches with it. */
export type BatchWeight = (steps: Tensor) => Tensor;

/** Reads a momentum, or throws. */
export function batchWeight(kind: string, momentum: Momentum): BatchWeight {
  if (momentum === "cumulativeMean") return (steps) => div(1, cast(steps, "float32"));
  const { weightOfBatch, weightOfRunning, debias = false } = momentum;
  const weight = weightOfBatch ?? 1 - (weightOfRunning ?? Number.NaN);
  const isOne = (weightOfBatch === undefined) !== (weightOfRunning === undefined);
  if (!isOne || !(weight >= 0 && weight <= 1)) {
    const wanted = '{ weightOfBatch }, { weightOfRunning } in [0, 1] or "cumulativeMean"';
    throw new LayerError(kind, `expected momentum ${wanted}, got ${JSON.stringify(momentum)}`);
  }
  if (!debias || weight === 0 || weight === 1) return () => constant(weight);
  // An average that starts at 0, divided by 1 − (1 − w)ᵗ, is an average whose weights fall to w.
  return (steps) => {
    const log = mul(cast(steps, "float32"), constant(Math.log1p(-weight)));
    return div(constant(-weight), expm1(log));
  };
}

/** The running average with one more value; without values it stays as it is. */
export function follow(running: Tensor, value: Tensor, weight: Tensor): Tensor {
  return add(mul(running, sub(1, weight)), mul(value, weight));
}

/** The running statistics after one more batch. */
export function nextRunning(
  state: RunningState,
  moments: Moments,
  weightAt: BatchWeight,
  variance: "unbiased" | "biased",
): RunningState {
  const steps = add<Scalar>(state.steps as Scalar, scalar(1, "int32"));
  // A batch whose mask leaves no value has no weight.
  const weight = mul(weightAt(steps), minimum(moments.count, 1));
  return {
    mean: follow(state.mean, moments.mean, weight),
    variance: follow(state.variance, varianceOf(moments, variance), weight),
    steps,
  };
}
