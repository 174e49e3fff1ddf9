import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul, sub, tidy } from "@tensorflow/tfjs-core";

/**
 * A number that configures a transformation: known when it is made, or a float32 scalar tensor where
 * it is part of a state, as `injectHyperparams` makes it.
 */
export type Hyperparameter = number | Tensor;

/** The scalar tensor of a hyperparameter: in traces a number keeps its double precision. */
export function tensorOf(value: Hyperparameter): Tensor {
  return typeof value === "number" ? constant(value) : value;
}

/** a + b. */
export function plus(a: Tensor, b: Hyperparameter): Tensor {
  return tidy(() => add(a, tensorOf(b)));
}

/** a · b. */
export function times(a: Tensor, b: Hyperparameter): Tensor {
  return tidy(() => mul(a, tensorOf(b)));
}

/** −x. */
export function negated(x: Hyperparameter): Hyperparameter {
  return typeof x === "number" ? -x : times(x, -1);
}

/** 1 − x, exact to the last bit for a number. */
export function oneMinus(x: Hyperparameter): Hyperparameter {
  return typeof x === "number" ? 1 - x : tidy(() => sub(constant(1), x));
}

/**
 * One step of an exponential moving average: decay · average + (1 − decay) · value.
 *
 * @example
 * ```ts
 * import { movingAverage } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [next] = movingAverage(0.75, tf.scalar(4), tf.scalar(8)).dataSync();
 * if (next !== 5) throw new Error(String(next));
 * ```
 */
export function movingAverage(decay: Hyperparameter, average: Tensor, value: Tensor): Tensor {
  return tidy(() => add(times(average, decay), times(value, oneMinus(decay))));
}
