import { sqrt } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";

/** √x, in double precision for a number. */
export function sqrtOf(x: Hyperparameter): Hyperparameter {
  return typeof x === "number" ? Math.sqrt(x) : sqrt(x);
}
