import type { TreeDef } from "./flatten.ts";
import { nodePaths, treeFlatten, treeFlattenLike, treeUnflatten } from "./flatten.ts";
import { treeMismatch } from "./structure.ts";
import type { LeafOf, MapTree } from "./types.ts";

/** The tuple of leaf types of a tuple of trees. */
export type LeavesOf<R extends readonly unknown[]> = { [I in keyof R]: LeafOf<R[I]> };

/**
 * Applies a function to every leaf and returns the results in the same structure.
 *
 * Further trees must have the structure of the first; their leaves become further arguments.
 * Throws on a mismatch, naming the path and both structures.
 *
 * @example
 * ```ts
 * import { treeMap } from "@layerwise/autodiff";
 *
 * const sums = treeMap((a, b) => a + b, { w: 1, b: [2] }, { w: 10, b: [20] });
 * if (sums.w !== 11 || sums.b[0] !== 22) throw new Error(JSON.stringify(sums));
 * ```
 */
export function treeMap<T, Out, R extends readonly unknown[], Leaf = LeafOf<T>>(
  fn: (leaf: Leaf, ...rest: LeavesOf<R>) => Out,
  tree: T,
  ...rest: R
): MapTree<T, Leaf, Out> {
  const { leaves, treedef } = treeFlatten<T, Leaf>(tree);
  const columns = rest.map((other) => aligned("treeMap", treedef, other));
  const out = leaves.map((leaf, i) => fn(leaf, ...(row(columns, i) as LeavesOf<R>)));
  return treeUnflatten(treedef, out) as MapTree<T, Leaf, Out>;
}

/**
 * Like {@link treeMap}, with the leaf's path as the first argument.
 *
 * @example
 * ```ts
 * import { treeMapWithPath } from "@layerwise/autodiff";
 *
 * const decayed = treeMapWithPath((path) => path.endsWith("kernel"), { kernel: 1, bias: 2 });
 * if (!decayed.kernel || decayed.bias) throw new Error(JSON.stringify(decayed));
 * ```
 */
export function treeMapWithPath<T, Out, R extends readonly unknown[], Leaf = LeafOf<T>>(
  fn: (path: string, leaf: Leaf, ...rest: LeavesOf<R>) => Out,
  tree: T,
  ...rest: R
): MapTree<T, Leaf, Out> {
  const { leaves, treedef } = treeFlatten<T, Leaf>(tree);
  const paths = nodePaths(treedef.root);
  const columns = rest.map((other) => aligned("treeMapWithPath", treedef, other));
  const out = leaves.map((leaf, i) =>
    fn(paths[i] as string, leaf, ...(row(columns, i) as LeavesOf<R>)),
  );
  return treeUnflatten(treedef, out) as MapTree<T, Leaf, Out>;
}

/**
 * Lists the leaves of a tree in the order of sorted keys.
 *
 * @example
 * ```ts
 * import { treeLeaves } from "@layerwise/autodiff";
 *
 * if (treeLeaves({ b: [2, null], a: 1 }).join() !== "1,2") throw new Error("order");
 * ```
 */
export function treeLeaves<T, Leaf = LeafOf<T>>(tree: T): Leaf[] {
  return treeFlatten<T, Leaf>(tree).leaves;
}

/**
 * Reports whether a predicate holds for every leaf; true for a tree without leaves.
 *
 * @example
 * ```ts
 * import { treeAll } from "@layerwise/autodiff";
 *
 * if (!treeAll((x) => x > 0, { a: 1, b: [2] })) throw new Error("not positive");
 * ```
 */
export function treeAll<T, Leaf = LeafOf<T>>(predicate: (leaf: Leaf) => boolean, tree: T): boolean {
  return treeLeaves<T, Leaf>(tree).every((leaf) => predicate(leaf));
}

/**
 * Folds the leaves of a tree from the left, in the order of sorted keys.
 *
 * @example
 * ```ts
 * import { treeReduce } from "@layerwise/autodiff";
 *
 * const total = treeReduce((sum: number, x) => sum + x, { a: 1, b: [2, 3] }, 0);
 * if (total !== 6) throw new Error(String(total));
 * ```
 */
export function treeReduce<T, Acc, Leaf = LeafOf<T>>(
  fn: (accumulator: Acc, leaf: Leaf) => Acc,
  tree: T,
  initial: Acc,
): Acc {
  return treeLeaves<T, Leaf>(tree).reduce((acc: Acc, leaf) => fn(acc, leaf), initial);
}

function aligned(caller: string, treedef: TreeDef, tree: unknown): unknown[] {
  const leaves = treeFlattenLike<unknown, unknown>(treedef, tree);
  if (leaves === undefined) throw new Error(`${caller}: ${treeMismatch(treedef, tree)}`);
  return leaves;
}

function row(columns: readonly (readonly unknown[])[], i: number): unknown[] {
  return columns.map((column) => column[i]);
}
