import type { Tensor } from "@tensorflow/tfjs-core";
import { equal, onesLike, sqrt, tidy, where } from "@tensorflow/tfjs-core";

/** √x whose derivative at 0 is 0 where that of `sqrt` is infinite, and NaN times zero. */
export function safeSqrt<T extends Tensor>(x: T): T {
  return tidy(() => {
    const none = equal(x, 0);
    return where(none, x, sqrt(where(none, onesLike(x), x)));
  });
}
