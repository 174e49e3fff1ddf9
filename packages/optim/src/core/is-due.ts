import type { Tensor } from "@tensorflow/tfjs-core";
import { equal, mod, scalar, tidy } from "@tensorflow/tfjs-core";

/** Whether a count is a multiple of a period, a boolean scalar. */
export function isDue(count: Tensor, every: number): Tensor {
  return tidy(() => equal(mod(count, scalar(every, "int32")), scalar(0, "int32")));
}
