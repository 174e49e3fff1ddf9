import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, cast, expm1, mul, neg, onesLike, scalar, tidy } from "@tensorflow/tfjs-core";

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
export function biasCorrection(decay: number, count: Tensor): Tensor {
  return tidy(() => {
    const steps = cast(count, "float32");
    return decay === 0 ? onesLike(steps) : neg(expm1(mul(steps, Math.log(decay))));
  });
}
