import type { TensorTree } from "@layerwise/autodiff";
import { treedefPaths, treeFlatten, treeFlattenLike, treeMismatch } from "@layerwise/autodiff";
import { type Tensor, util } from "@tensorflow/tfjs-core";

/**
 * Throws unless a tree has the structure of another and its tensors have the shapes of the other's,
 * naming the path. Without it, a gradient of a wrong shape may silently be broadcast.
 */
export function checkLike(name: string, tree: TensorTree, like: TensorTree): void {
  const { leaves, treedef } = treeFlatten<TensorTree, Tensor>(like);
  const got = treeFlattenLike<TensorTree, Tensor>(treedef, tree);
  if (got === undefined) throw new Error(`${name}: ${treeMismatch(treedef, tree)}`);
  const wrong = leaves.findIndex(({ shape }, i) => !util.arraysEqual(shape, got[i]?.shape ?? []));
  if (wrong < 0) return;
  const path = JSON.stringify(treedefPaths(treedef)[wrong]);
  const [wanted, given] = [leaves[wrong]?.shape, got[wrong]?.shape];
  throw new Error(`${name}: expected shape [${wanted}] at ${path}, got [${given}]`);
}
