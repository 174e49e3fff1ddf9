import { isTreeNode, joinPath, quotePath } from "./flatten.ts";
import type { LeafOf, Tree } from "./types.ts";

/**
 * Returns the leaf or subtree at a path such as `"layers.0.kernel"`; `""` is the tree itself.
 *
 * Throws for an unknown path, listing the names that exist there.
 *
 * @example
 * ```ts
 * import { treeGet } from "@layerwise/autodiff";
 *
 * if (treeGet({ layers: [{ kernel: 7 }] }, "layers.0.kernel") !== 7) throw new Error("path");
 * ```
 */
export function treeGet<T>(tree: T, path: string): Tree<LeafOf<T>> {
  let value: unknown = tree;
  for (const name of resolve("treeGet", tree, path)) {
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value as Tree<LeafOf<T>>;
}

/**
 * Returns a copy of a tree with the leaf or subtree at a path replaced.
 *
 * Nodes off the path are shared with the original. Throws for an unknown path: it replaces, it
 * does not add.
 *
 * @example
 * ```ts
 * import { treeSet } from "@layerwise/autodiff";
 *
 * const tree = { layers: [{ kernel: 7, bias: 1 }] };
 * const changed = treeSet(tree, "layers.0.kernel", 8);
 * if (changed.layers[0]?.kernel !== 8 || tree.layers[0]?.kernel !== 7) throw new Error("set");
 * ```
 */
export function treeSet<T>(tree: T, path: string, value: Tree<LeafOf<T>>): T {
  const names = resolve("treeSet", tree, path);
  const replace = (node: unknown, depth: number): unknown => {
    const name = names[depth];
    if (name === undefined) return value;
    const child = replace((node as Readonly<Record<string, unknown>>)[name], depth + 1);
    if (Array.isArray(node)) return node.with(Number(name), child);
    return Object.fromEntries(
      Object.entries(node as object).map(([key, old]) => [key, key === name ? child : old]),
    );
  };
  return replace(tree, 0) as T;
}

// A key may itself hold dots (the flat names of a checkpoint), so names are matched as prefixes.
function resolve(caller: string, tree: unknown, path: string): string[] {
  const names: string[] = [];
  let [node, rest] = [tree, path];
  while (rest !== "") {
    const known = isTreeNode(node) && node !== null ? Object.keys(node as object) : [];
    const name = known
      .filter((key) => rest === key || rest.startsWith(`${key}.`))
      .reduce<string | undefined>(
        (a, b) => (a === undefined || b.length > a.length ? b : a),
        undefined,
      );
    if (name === undefined) {
      const at = quotePath(names.reduce(joinPath, ""));
      const has =
        known.length === 0 ? "nothing" : known.map((key) => JSON.stringify(key)).join(", ");
      throw new Error(`${caller}: no ${JSON.stringify(path)} in the tree (${at} has ${has})`);
    }
    names.push(name);
    node = (node as Readonly<Record<string, unknown>>)[name];
    rest = rest.slice(name.length + 1);
  }
  return names;
}
