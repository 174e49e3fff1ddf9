import type { Tensor } from "@tensorflow/tfjs-core";
import { tidy, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus } from "./arithmetic.ts";

/** A tensor of another's shape, filled with a number. */
export function fullLike(x: Tensor, value: Hyperparameter): Tensor {
  return value === 0 ? zerosLike(x) : tidy(() => plus(zerosLike(x), value));
}
