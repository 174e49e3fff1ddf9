import type { TensorTree, Tree, TreeDef } from "@layerwise/autodiff";
import { treeFlatten, treeLeaves, treeUnflatten } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";

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

/** Applies a rule to each gradient, the state of its parameter, and its leaves of other trees. */
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
  const results = leaves.map((grad, i) =>
    rule(grad, given[i] as S, ...columns.map((column) => column[i] as Tensor)),
  );
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
