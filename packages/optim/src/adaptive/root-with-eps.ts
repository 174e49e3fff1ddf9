import type { Tensor } from "@tensorflow/tfjs-core";
import { sqrt, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus } from "../core/arithmetic.ts";

/** √(v + eps), or √v + eps. */
export function rootWithEps(v: Tensor, eps: Hyperparameter, epsInSqrt: boolean): Tensor {
  return tidy(() => (epsInSqrt ? sqrt(plus(v, eps)) : plus(sqrt(v), eps)));
}
