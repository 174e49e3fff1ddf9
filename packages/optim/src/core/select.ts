import type { TensorTree } from "@layerwise/autodiff";
import { treeMap } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { where, zerosLike } from "@tensorflow/tfjs-core";
import { mapTensors } from "./map.ts";

/**
 * One of two trees of equal structure, whatever the types of their tensors: `yes` where a boolean
 * scalar holds. A selection and no product with 0 or 1, which would let a NaN of the other through.
 */
export function selectTree<T>(condition: Tensor, yes: T, no: T): T {
  return treeMap(
    (a: unknown, b: unknown) => where(condition, a as Tensor, b as Tensor),
    yes as unknown,
    no as unknown,
  ) as T;
}

/** A tree where a condition holds, zeros where not. */
export function orZero<T extends TensorTree>(condition: Tensor, tree: T): T {
  return mapTensors((x) => where(condition, x, zerosLike(x)), tree);
}
