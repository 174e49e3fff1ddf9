import type { TensorTree } from "@layerwise/autodiff";
import { isTreeNode, treeMap, treeMapWithPath } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";

/** A tree of booleans, one of which may stand for a whole subtree of the parameters. */
export type MaskTree = boolean | null | readonly MaskTree[] | { readonly [name: string]: MaskTree };

/**
 * Marks parameters: a tree of booleans, or a function of the path (`"encoder.0.kernel"`) and the
 * tensor. What `masked`, `freeze` and `partition` of `@layerwise/optim` take, too.
 */
export type ParameterMask = MaskTree | ((path: string, leaf: Tensor) => boolean);

/** A boolean for each parameter, in a tree like theirs. */
export function spreadMask(kind: string, mask: ParameterMask, params: TensorTree): unknown {
  if (typeof mask === "function") {
    return treeMapWithPath((path, leaf) => mask(path, leaf as Tensor), params as unknown);
  }
  return spread(kind, mask, params, "");
}

function spread(kind: string, mask: unknown, tree: unknown, path: string): unknown {
  if (typeof mask === "boolean") return treeMap(() => mask, tree);
  const [given, wanted] = [namesOf(mask), namesOf(tree)];
  if (Array.isArray(mask) !== Array.isArray(tree) || given.join() !== wanted.join()) {
    const at = path === "" ? "the root" : JSON.stringify(path);
    const expected = isTreeNode(tree) ? `[${wanted}]` : "true or false";
    throw new LayerError(kind, `expected a mask of ${expected} at ${at}, got [${given}]`);
  }
  if (tree === null) return null;
  const entries = wanted.map((name) => {
    const [below, node] = [mask, tree].map((x) => (x as Record<string, unknown>)[name]);
    return [name, spread(kind, below, node, path === "" ? name : `${path}.${name}`)] as const;
  });
  return Array.isArray(tree) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

const namesOf = (node: unknown): string[] =>
  isTreeNode(node) && node !== null ? Object.keys(node as object).toSorted() : [];
