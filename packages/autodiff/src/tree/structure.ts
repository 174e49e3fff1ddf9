import type { TreeDef, TreeNode } from "./flatten.ts";
import { joinPath, nodePaths, quotePath, treeFlatten } from "./flatten.ts";

/**
 * Reports whether two trees have the same structure; the order of object keys does not matter.
 *
 * @example
 * ```ts
 * import { treeStructureEquals } from "@layerwise/autodiff";
 *
 * if (!treeStructureEquals({ a: 1, b: [2] }, { b: ["x"], a: "y" })) throw new Error("differ");
 * ```
 */
export function treeStructureEquals(a: unknown, b: unknown): boolean {
  return treeFlatten(a).treedef.key === treeFlatten(b).treedef.key;
}

/** Describes the first place where a tree departs from a structure, or returns undefined. */
export function treeMismatch(treedef: TreeDef, tree: unknown): string | undefined {
  return nodeMismatch(treedef.root, treeFlatten(tree).treedef.root, "");
}

/**
 * Lists the path of every leaf of a tree, or of a tree's structure, in leaf order.
 *
 * @example
 * ```ts
 * import { treePaths } from "@layerwise/autodiff";
 *
 * const paths = treePaths({ layers: [{ kernel: 1, bias: 2 }] });
 * if (paths.join() !== "layers.0.bias,layers.0.kernel") throw new Error(paths.join());
 * ```
 */
export function treePaths(tree: unknown): string[] {
  return nodePaths(treeFlatten(tree).treedef.root);
}

/** Lists the path of every leaf of a structure, in leaf order. */
export function treedefPaths(treedef: TreeDef): string[] {
  return nodePaths(treedef.root);
}

function nodeMismatch(want: TreeNode, got: TreeNode, path: string): string | undefined {
  if (want.key === got.key) return undefined;
  const here = `structure differs at ${quotePath(path)}: expected ${show(want)}, got ${show(got)}`;
  if (want.kind === "array" && got.kind === "array") {
    if (want.nodes.length !== got.nodes.length) return here;
    return firstOf(want.nodes, (child, i) =>
      nodeMismatch(child, got.nodes[i] as TreeNode, joinPath(path, i)),
    );
  }
  if (want.kind === "object" && got.kind === "object") {
    const position = new Map(got.names.map((name, i) => [name, i]));
    if (want.names.length !== got.names.length) return here;
    if (!want.names.every((name) => position.has(name))) return here;
    return firstOf(want.nodes, (child, i) => {
      const name = want.names[i] as string;
      return nodeMismatch(
        child,
        got.nodes[position.get(name) as number] as TreeNode,
        joinPath(path, name),
      );
    });
  }
  return here;
}

function firstOf<A, B>(
  items: readonly A[],
  fn: (item: A, i: number) => B | undefined,
): B | undefined {
  for (const [i, item] of items.entries()) {
    const found = fn(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function show(node: TreeNode): string {
  return node.kind === "leaf" ? "a leaf" : node.key;
}
