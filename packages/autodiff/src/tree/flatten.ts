import type { LeafOf, MapTree } from "./types.ts";

/** One node of a {@link TreeDef}: a leaf with its position, an empty node, an array, or an object. */
export type TreeNode =
  | { readonly kind: "leaf"; readonly key: "*"; readonly index: number }
  | { readonly kind: "null"; readonly key: "null" }
  | { readonly kind: "array"; readonly key: string; readonly nodes: readonly TreeNode[] }
  | {
      readonly kind: "object";
      readonly key: string;
      /** Names in the order the object has them; `nodes` runs parallel. */
      readonly names: readonly string[];
      readonly nodes: readonly TreeNode[];
    };

declare const structure: unique symbol;

/**
 * The structure of a tree without its leaves.
 *
 * `key` is a stable string: two trees have equal keys exactly when they have the same structure.
 * The order of object keys is not part of it.
 */
export interface TreeDef<T = unknown> {
  readonly key: string;
  readonly leafCount: number;
  readonly root: TreeNode;
  /** Carries the tree type for {@link treeUnflatten}; never set. */
  readonly [structure]?: T;
}

/** Reports whether a value is an inner node (plain array, plain object or null), not a leaf. */
export function isTreeNode(value: unknown): boolean {
  if (typeof value !== "object") return false;
  if (value === null || Array.isArray(value)) return true;
  // A literal's prototype is null or an Object.prototype, whose own prototype is null. Testing that
  // in place of identity also accepts objects made in another realm (worker, iframe, vm context).
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Lists the leaves of a tree and describes its structure.
 *
 * Leaves come in the order of sorted object keys, so that trees which differ only in insertion
 * order agree. Anything but a plain array, a plain object or `null` is a leaf. Throws for
 * `undefined`, naming its path.
 *
 * @example
 * ```ts
 * import { treeFlatten } from "@layerwise/autodiff";
 *
 * const { leaves, treedef } = treeFlatten({ w: 1, b: [2, null] });
 * if (leaves.join() !== "2,1" || treedef.key !== "{b:[*,null],w:*}") throw new Error(treedef.key);
 * ```
 */
export function treeFlatten<T, Leaf = LeafOf<T>>(
  tree: T,
): { readonly leaves: Leaf[]; readonly treedef: TreeDef<T> } {
  const leaves: unknown[] = [];
  const root = build(tree, leaves);
  const missing = leaves.indexOf(undefined);
  if (missing >= 0) {
    const at = quotePath(nodePaths(root)[missing] ?? "");
    throw new Error(`tree: expected a leaf at ${at}, got undefined (null marks an empty place)`);
  }
  return { leaves: leaves as Leaf[], treedef: { key: root.key, leafCount: leaves.length, root } };
}

/**
 * Puts leaves back into a structure; object keys keep the order the original tree had.
 *
 * Throws when the number of leaves differs.
 *
 * @example
 * ```ts
 * import { treeFlatten, treeUnflatten } from "@layerwise/autodiff";
 *
 * const { treedef } = treeFlatten({ w: 1, b: 2 });
 * const text = treeUnflatten(treedef, ["bias", "weight"]);
 * if (text.w !== "weight") throw new Error(text.w);
 * ```
 */
export function treeUnflatten<T, Out>(
  treedef: TreeDef<T>,
  leaves: readonly Out[],
): MapTree<T, LeafOf<T>, Out> {
  if (leaves.length !== treedef.leafCount) {
    const { leafCount, key } = treedef;
    throw new Error(`treeUnflatten: expected ${leafCount} leaves, got ${leaves.length} for ${key}`);
  }
  return restore(treedef.root, leaves) as MapTree<T, LeafOf<T>, Out>;
}

/**
 * Lists the leaves of a tree that must have a known structure, without describing it again.
 *
 * The cheap path for a function called many times with equal structures. Returns undefined when
 * the structure differs; {@link treeMismatch} says where.
 *
 * @example
 * ```ts
 * import { treeFlatten, treeFlattenLike } from "@layerwise/autodiff";
 *
 * const { treedef } = treeFlatten({ w: 1, b: 2 });
 * if (treeFlattenLike(treedef, { b: 4, w: 3 })?.join() !== "4,3") throw new Error("order");
 * if (treeFlattenLike(treedef, { b: 4 }) !== undefined) throw new Error("structure");
 * ```
 */
export function treeFlattenLike<T, Leaf = LeafOf<T>>(
  treedef: TreeDef,
  tree: T,
): Leaf[] | undefined {
  const leaves = new Array<unknown>(treedef.leafCount);
  return collect(treedef.root, tree, leaves) ? (leaves as Leaf[]) : undefined;
}

/** Lists the path of every leaf below a node, in leaf order. */
export function nodePaths(root: TreeNode): string[] {
  const paths: string[] = [];
  const walk = (node: TreeNode, path: string): void => {
    if (node.kind === "leaf") paths[node.index] = path;
    else if (node.kind !== "null") {
      node.nodes.forEach((child, i) => {
        walk(child, joinPath(path, node.kind === "array" ? i : (node.names[i] ?? "")));
      });
    }
  };
  walk(root, "");
  return paths;
}

/** Appends a name to a path. */
export function joinPath(path: string, name: string | number): string {
  return path === "" ? String(name) : `${path}.${name}`;
}

/** Formats a path for an error message. */
export function quotePath(path: string): string {
  return path === "" ? "the root" : JSON.stringify(path);
}

const nullNode: TreeNode = { kind: "null", key: "null" };

function build(value: unknown, leaves: unknown[]): TreeNode {
  if (!isTreeNode(value)) return { kind: "leaf", key: "*", index: leaves.push(value) - 1 };
  if (value === null) return nullNode;
  if (Array.isArray(value)) {
    const nodes: TreeNode[] = [];
    // An index loop, not map: a hole in a sparse array must count as undefined.
    for (let i = 0; i < value.length; i++) nodes.push(build(value[i], leaves));
    return { kind: "array", key: `[${nodes.map((node) => node.key).join()}]`, nodes };
  }
  const record = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(record);
  const sorted = names.toSorted();
  const byName = new Map(sorted.map((name) => [name, build(record[name], leaves)]));
  const nodes = names.map((name) => byName.get(name) ?? nullNode);
  const key = sorted.map((name) => `${quoteName(name)}:${byName.get(name)?.key}`).join();
  return { kind: "object", key: `{${key}}`, names, nodes };
}

function collect(node: TreeNode, value: unknown, leaves: unknown[]): boolean {
  if (node.kind === "leaf") {
    if (value === undefined || isTreeNode(value)) return false;
    leaves[node.index] = value;
    return true;
  }
  if (node.kind === "null") return value === null;
  if (!isTreeNode(value) || value === null) return false;
  const { nodes } = node;
  // Loops, not every(): this runs on each call of a compiled function.
  if (node.kind === "array") {
    if (!Array.isArray(value) || value.length !== nodes.length) return false;
    for (let i = 0; i < nodes.length; i++) {
      if (!collect(nodes[i] as TreeNode, value[i], leaves)) return false;
    }
    return true;
  }
  if (Array.isArray(value)) return false;
  const record = value as Readonly<Record<string, unknown>>;
  if (Object.keys(record).length !== nodes.length) return false;
  for (let i = 0; i < nodes.length; i++) {
    const name = node.names[i] as string;
    if (!Object.hasOwn(record, name)) return false;
    if (!collect(nodes[i] as TreeNode, record[name], leaves)) return false;
  }
  return true;
}

function restore(node: TreeNode, leaves: readonly unknown[]): unknown {
  if (node.kind === "leaf") return leaves[node.index];
  if (node.kind === "null") return null;
  if (node.kind === "array") return node.nodes.map((child) => restore(child, leaves));
  // fromEntries defines own properties, so a key named "__proto__" stays data.
  return Object.fromEntries(
    node.names.map((name, i) => [name, restore(node.nodes[i] as TreeNode, leaves)]),
  );
}

function quoteName(name: string): string {
  return /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
}
