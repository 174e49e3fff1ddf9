import type { TensorTree } from "@layerwise/autodiff";
import { treeFlatten, treeMap, treeUnflatten } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Applies a function to the tensors of trees with equal structure and keeps the tree's type.
 *
 * The function must return a tensor of its first argument's rank.
 */
export function mapTensors<T extends TensorTree>(
  fn: (leaf: Tensor, ...rest: Tensor[]) => Tensor,
  tree: T,
  ...rest: readonly TensorTree[]
): T {
  return treeMap(fn as (...leaves: unknown[]) => Tensor, tree as unknown, ...rest) as T;
}

/**
 * Like {@link mapTensors} for a function with several results, whose names are given: a tree for each
 * name.
 */
export function mapTensorsTo<T extends TensorTree, Name extends string>(
  names: readonly Name[],
  fn: (leaf: Tensor, ...rest: Tensor[]) => Readonly<Record<Name, Tensor>>,
  tree: T,
  ...rest: readonly TensorTree[]
): Readonly<Record<Name, T>> {
  const results: Readonly<Record<Name, Tensor>>[] = [];
  mapTensors(
    (leaf, ...others) => {
      results.push(fn(leaf, ...others));
      return leaf;
    },
    tree,
    ...rest,
  );
  const { treedef } = treeFlatten<TensorTree, Tensor>(tree);
  const trees = names.map((name) => [
    name,
    treeUnflatten(
      treedef,
      results.map((result) => result[name]),
    ),
  ]);
  return Object.fromEntries(trees) as Readonly<Record<Name, T>>;
}
