import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * A nested structure of plain arrays and plain objects with `Leaf` values at the ends.
 *
 * `null` is an empty node: a place that holds no value. Object types must be type literals or
 * aliases: TypeScript gives interfaces and classes no index signature, so they do not match.
 */
export type Tree<Leaf> =
  | Leaf
  | null
  | readonly Tree<Leaf>[]
  | { readonly [key: string]: Tree<Leaf> };

/** A tree of tensors: parameters, optimizer state, running statistics. */
export type TensorTree = Tree<Tensor>;

/**
 * The union of leaf types of a tree type.
 *
 * @example
 * ```ts
 * import type { LeafOf } from "@layerwise/autodiff";
 *
 * type L = LeafOf<{ w: number; b: readonly [string, null] }>; // number | string
 * const leaf: L = "either";
 * ```
 */
export type LeafOf<T> = T extends Tree<infer Leaf> ? Exclude<Leaf, null> : never;

/**
 * The tree type `T` with every leaf of type `From` replaced by `To`.
 *
 * @example
 * ```ts
 * import type { MapTree } from "@layerwise/autodiff";
 *
 * type Lengths = MapTree<{ w: string; b: [string, null] }, string, number>;
 * const lengths: Lengths = { w: 1, b: [2, null] };
 * ```
 */
export type MapTree<T, From, To> = [Tree<From>] extends [T] ? Tree<To> : MapNode<T, From, To>;

// The guard above answers for the recursive type Tree<From> itself, which would otherwise expand for ever.
type MapNode<T, From, To> = T extends From
  ? To
  : T extends null
    ? null
    : { [K in keyof T]: MapTree<T[K], From, To> };
