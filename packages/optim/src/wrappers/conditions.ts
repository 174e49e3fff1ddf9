import type { TensorTree } from "@layerwise/autodiff";
import { treeLeaves } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  all,
  isFinite as finite,
  lessEqual,
  logicalNot,
  scalar,
  stack,
  tidy,
} from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";

/** A boolean scalar, computed from gradients and the int32 number of earlier calls or updates. */
export type Condition = (grads: TensorTree, count: Tensor) => Tensor;

/**
 * Whether all numbers of a tree are finite, a boolean scalar.
 *
 * @example
 * ```ts
 * import { allFinite } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [finite] = allFinite({ w: tf.tensor1d([1, Number.NaN]) }).dataSync();
 * if (finite !== 0) throw new Error("there is a NaN");
 * ```
 */
export function allFinite(tree: TensorTree): Tensor {
  return tidy(() => {
    const leaves = treeLeaves<TensorTree, Tensor>(tree);
    if (leaves.length === 0) return scalar(true, "bool");
    return all(stack(leaves.map((leaf) => all(finite(leaf)))));
  });
}

/**
 * Condition to skip gradients that hold a NaN or an infinity, for `multiSteps`.
 *
 * @example
 * ```ts
 * import { adam, multiSteps, skipNotFinite } from "@layerwise/optim";
 *
 * const optimizer = multiSteps(adam({ learningRate: 1e-3 }), { every: 4, skip: skipNotFinite });
 * ```
 */
export function skipNotFinite(grads: TensorTree): Tensor {
  return tidy(() => logicalNot(allFinite(grads)));
}

/**
 * Condition to skip gradients whose global norm exceeds `maxNorm` or is NaN, for `multiSteps`.
 *
 * optax's `skip_large_updates` takes the square of the norm.
 *
 * @example
 * ```ts
 * import { adam, multiSteps, skipLargeUpdates } from "@layerwise/optim";
 *
 * const skip = skipLargeUpdates(100);
 * const optimizer = multiSteps(adam({ learningRate: 1e-3 }), { every: 4, skip });
 * ```
 */
export function skipLargeUpdates(maxNorm: Hyperparameter): Condition {
  checkRange("skipLargeUpdates: maxNorm", maxNorm, 0);
  // Not `greater`, which is false for NaN.
  return (grads) => tidy(() => logicalNot(lessEqual(globalNorm(grads), tensorOf(maxNorm))));
}
