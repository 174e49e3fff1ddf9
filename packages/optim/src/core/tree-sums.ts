import type { TensorTree } from "@layerwise/autodiff";
import { treeLeaves, treeMap } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { abs, addN, mul, scalar, square, sum, tidy } from "@tensorflow/tfjs-core";

/** The inner product of two trees, each taken as one vector. */
export function treeDot(a: TensorTree, b: TensorTree): Scalar {
  return tidy(() => total(treeMap((x: Tensor, y: unknown) => mul(x, y as Tensor), a as Tensor, b)));
}

/** The sum of the squares of all elements. */
export function treeSquaredNorm(tree: TensorTree): Scalar {
  return tidy(() => total(treeMap((x: Tensor) => square(x), tree as Tensor)));
}

/** The sum of the absolute values of all elements. */
export function treeL1Norm(tree: TensorTree): Scalar {
  return tidy(() => total(treeMap((x: Tensor) => abs(x), tree as Tensor)));
}

function total(tree: TensorTree): Scalar {
  const sums = treeLeaves<TensorTree, Tensor>(tree).map((leaf) => sum<Scalar>(leaf));
  return sums.length === 0 ? scalar(0) : addN(sums);
}
