import type { TensorTree, Tree, TreeDef } from "@layerwise/autodiff";
import { treedefPaths, treeFlatten, treeLeaves, treeUnflatten } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
import { mapTensors } from "./map.ts";

/** A tree like that of the parameters with a tree of tensors, of its own structure, for each of them. */
export type ParameterStates = TensorTree;

/** Makes the state of each parameter. */
export function initPerParameter<S extends TensorTree>(
  fn: (param: Tensor) => S,
  params: TensorTree,
): ParameterStates {
  const { leaves, treedef } = treeFlatten<TensorTree, Tensor>(params);
  return treeUnflatten(treedef, leaves.map(fn)) as ParameterStates;
}

/** Throws unless gradients have the shapes of the parameters that states belong to, naming the path. */
export function checkPerParameter<S extends TensorTree>(
  name: string,
  grads: TensorTree,
  states: ParameterStates,
  shapeOf: (state: S) => readonly number[],
): void {
  const { leaves, treedef } = treeFlatten<TensorTree, Tensor>(grads);
  const shapes = (subtrees(treedef, states) as S[]).map((state) => `[${shapeOf(state)}]`);
  const wrong = leaves.findIndex(({ shape }, i) => `[${shape}]` !== shapes[i]);
  if (wrong < 0) return;
  const path = JSON.stringify(treedefPaths(treedef)[wrong]);
  const got = `[${leaves[wrong]?.shape}]`;
  throw new Error(`${name}: expected shape ${shapes[wrong]} at ${path}, got ${got}`);
}

/**
 * Applies a rule to each gradient, the state of its parameter, and its leaves of other trees.
 *
 * Tensors without elements are passed on: matrices and means of nothing are no business of a rule.
 */
export function updatePerParameter<T extends TensorTree, S extends TensorTree>(
  rule: (
    grad: Tensor,
    state: S,
    ...rest: readonly Tensor[]
  ) => { readonly update: Tensor; readonly state: S },
  grads: T,
  states: ParameterStates,
  ...rest: readonly TensorTree[]
): { readonly updates: T; readonly states: ParameterStates } {
  const { leaves, treedef } = treeFlatten<T, Tensor>(grads);
  const given = subtrees(treedef, states) as S[];
  const columns = rest.map((tree) => treeLeaves<TensorTree, Tensor>(tree));
  const results = leaves.map((grad, i) => {
    const state = given[i] as S;
    if (grad.size === 0) return { update: clone(grad), state: mapTensors(clone, state) };
    return rule(grad, state, ...columns.map((column) => column[i] as Tensor));
  });
  return {
    updates: treeUnflatten(
      treedef,
      results.map(({ update }) => update),
    ) as unknown as T,
    states: treeUnflatten(
      treedef,
      results.map(({ state }) => state),
    ) as ParameterStates,
  };
}

/** What a deeper tree has in the places of a structure's leaves, in leaf order. */
function subtrees({ root, leafCount }: TreeDef, tree: unknown): unknown[] {
  const found = new Array<unknown>(leafCount);
  const walk = (node: TreeDef["root"], value: unknown, path: string): void => {
    if (value === undefined) throw new Error(`state: expected one for the parameter ${path}`);
    if (node.kind === "leaf") found[node.index] = value;
    else if (node.kind !== "null") {
      node.nodes.forEach((child, i) => {
        const name = node.kind === "array" ? i : (node.names[i] ?? "");
        walk(child, (value as Readonly<Record<string, Tree<Tensor>>>)[name], `${path}/${name}`);
      });
    }
  };
  walk(root, tree, "");
  return found;
}
