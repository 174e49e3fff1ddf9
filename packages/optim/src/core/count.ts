import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  exp,
  expm1,
  log,
  mul,
  neg,
  onesLike,
  scalar,
  tidy,
  zerosLike,
} from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "./arithmetic.ts";

/** Makes the step count of a new optimizer state: int32 zero. */
export function zeroCount(): Scalar {
  return scalar(0, "int32");
}

/** Returns the count after one more step, as int32. */
export function nextCount(count: Tensor): Scalar {
  // A bare 1 would be a float32 and promote the sum, which stops counting at 2²⁴.
  return tidy(() => add<Scalar>(count, scalar(1, "int32")));
}

/**
 * Returns decay^count, a float32 tensor.
 *
 * Written exp(count · ln decay), as a running product of f32 powers drifts.
 */
export function decayPower(decay: Hyperparameter, count: Tensor): Tensor {
  return tidy(() => {
    if (decay !== 0) return exp(exponent(decay, count));
    const steps = cast(count, "float32");
    return zerosLike(steps);
  });
}

/**
 * Returns 1 − decay^count, the weight that a zero-initialised moving average has gathered.
 *
 * Written −expm1(count · ln decay): subtracting the power from 1 loses four of seven digits at
 * decay 0.999, and a running product of f32 powers drifts.
 *
 * @example
 * ```ts
 * import { biasCorrection } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [c] = biasCorrection(0.999, tf.scalar(1, "int32")).dataSync();
 * if (Math.abs((c ?? 0) / 1e-3 - 1) > 1e-6) throw new Error(String(c));
 * ```
 */
export function biasCorrection(decay: Hyperparameter, count: Tensor): Tensor {
  return tidy(() =>
    decay === 0 ? onesLike(cast(count, "float32")) : neg(expm1(exponent(decay, count))),
  );
}

function exponent(decay: Hyperparameter, count: Tensor): Tensor {
  const rate = typeof decay === "number" ? constant(Math.log(decay)) : log(decay);
  return mul(cast(count, "float32"), rate);
}
