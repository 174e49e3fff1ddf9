import type { TensorTree } from "@layerwise/autodiff";
import {
  isTreeNode,
  treeFlatten,
  treeLeaves,
  treeMap,
  treeMapWithPath,
  treeUnflatten,
} from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { zerosLike } from "@tensorflow/tfjs-core";
import { requireParams } from "../core/transformation.ts";

/** A tree of values whose leaves may stand for whole subtrees of the parameters. */
export type PrefixTree<T> =
  | T
  | null
  | readonly PrefixTree<T>[]
  | { readonly [key: string]: PrefixTree<T> };

/**
 * A value for each parameter: a tree of values, or a function of the path (`"layers.0.kernel"`) and
 * the tensor, of which only the shape and type may matter.
 */
export type PerParameter<T> = PrefixTree<T> | ((path: string, leaf: Tensor) => T);

/** Lists the values for the leaves of a tree, in leaf order. */
export function valuesOf<T>(name: string, values: PerParameter<T>, tree: TensorTree): T[] {
  const all =
    typeof values === "function"
      ? treeMapWithPath(values as (path: string, leaf: unknown) => T, tree as unknown)
      : spread(name, values as PrefixTree<T>, tree, "");
  return treeLeaves<unknown, T>(all);
}

function spread(name: string, values: unknown, tree: unknown, path: string): unknown {
  if (!isTreeNode(values)) return treeMap(() => values, tree);
  const [given, wanted] = [namesOf(values), namesOf(tree)];
  const nested = isTreeNode(tree) && Array.isArray(values) === Array.isArray(tree);
  if (!nested || given.toSorted().join() !== wanted.toSorted().join()) {
    const at = path === "" ? "the root" : `"${path}"`;
    const expected = isTreeNode(tree) ? `[${wanted}]` : "one value";
    throw new Error(`${name}: expected ${expected} at ${at}, got [${given}]`);
  }
  return wanted.map((key) => {
    const [below, node] = [values, tree].map((x) => (x as Record<string, unknown>)[key]);
    return spread(name, below, node, path === "" ? key : `${path}.${key}`);
  });
}

// In the order in which a flattened tree has its leaves.
const namesOf = (node: unknown): string[] => {
  if (node === null || !isTreeNode(node)) return [];
  const names = Object.keys(node as object);
  return Array.isArray(node) ? names : names.toSorted();
};

/**
 * The parameters that a flag marks, in leaf order: trees of them have `null`, the empty node, in
 * place of the others. So paths stay what they were, also below arrays.
 */
export class Subset {
  readonly #flags: readonly boolean[];

  constructor(flags: readonly boolean[]) {
    this.#flags = flags;
  }

  /** The marked leaves of a tree. */
  pick<T extends TensorTree>(tree: T): T {
    const { leaves, treedef } = treeFlatten<TensorTree, Tensor>(tree);
    const picked = leaves.map((leaf, i) => (this.#flags[i] ? leaf : null));
    return treeUnflatten(treedef, picked) as T;
  }

  /** A tree with its marked leaves replaced. */
  merge<T extends TensorTree>(tree: T, marked: TensorTree): T {
    const { leaves, treedef } = treeFlatten<TensorTree, Tensor>(tree);
    const next = treeLeaves<TensorTree, Tensor>(marked).values();
    const merged = leaves.map((leaf, i) => (this.#flags[i] ? (next.next().value ?? leaf) : leaf));
    return treeUnflatten(treedef, merged) as T;
  }

  /** The extra arguments of an update, with functions of parameters restricted to the marked ones. */
  restrict(name: string, extra: unknown, params: TensorTree | undefined): unknown {
    if (extra === undefined) return undefined;
    const whole = (marked: TensorTree) => this.merge(requireParams(name, params), marked);
    // The others do not move: their part of a direction is zero.
    const direction = (marked: TensorTree) => {
      const still = treeMap((p: Tensor) => zerosLike(p), requireParams(name, params) as Tensor);
      return this.merge(still as TensorTree, marked);
    };
    const restricted = { ...(extra as FunctionsOfParams) };
    const { valueFn, gradFn, hvp } = restricted;
    if (valueFn) restricted.valueFn = (marked) => valueFn(whole(marked));
    if (gradFn) restricted.gradFn = (marked) => this.pick(gradFn(whole(marked)));
    if (hvp) restricted.hvp = (marked) => this.pick(hvp(direction(marked)));
    return restricted;
  }
}

interface FunctionsOfParams {
  valueFn?: (params: TensorTree) => Tensor;
  gradFn?: (params: TensorTree) => TensorTree;
  hvp?: (vector: TensorTree) => TensorTree;
}
