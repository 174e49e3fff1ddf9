import type { Tensor } from "@tensorflow/tfjs-core";
import { div, greater, tidy, where } from "@tensorflow/tfjs-core";

/** a / b where b > 0, else 0: a zero gradient must not become NaN. */
export function ratioOrZero(a: Tensor, b: Tensor): Tensor {
  return tidy(() => where(greater(b, 0), div(a, b), 0));
}
