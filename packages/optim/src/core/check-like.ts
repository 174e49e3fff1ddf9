import type { TensorTree } from "@layerwise/autodiff";
import { treedefPaths, treeFlatten, treeLeaves, treeMismatch } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Throws unless a tree has the structure of another and its tensors have the shapes of the other's,
 * naming the path. Without it, a gradient of a wrong shape may silently be broadcast.
 */
export function checkLike(name: string, tree: TensorTree, like: TensorTree): void {
  const { leaves, treedef } = treeFlatten<TensorTree, Tensor>(like);
  const mismatch = treeMismatch(treedef, tree);
  if (mismatch !== undefined) throw new Error(`${name}: ${mismatch}`);
  const shapes = leaves.map(({ shape }) => `[${shape}]`);
  const got = treeLeaves<TensorTree, Tensor>(tree).map(({ shape }) => `[${shape}]`);
  const wrong = shapes.findIndex((shape, i) => shape !== got[i]);
  if (wrong < 0) return;
  const path = JSON.stringify(treedefPaths(treedef)[wrong]);
  throw new Error(`${name}: expected shape ${shapes[wrong]} at ${path}, got ${got[wrong]}`);
}
