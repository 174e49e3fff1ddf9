import type { TensorTree } from "@layerwise/autodiff";
import { treeMap } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";

/** The extra arguments of a transformation that needs none. */
export type NoExtra = Readonly<Record<never, never>>;

/** The state of a transformation that keeps none: an empty tree. */
export type EmptyState = null;

/** The trailing arguments of `update`; `extra` may be left out only where nothing in it is required. */
export type UpdateArgs<Params, Extra> = NoExtra extends Extra
  ? [params?: Params | undefined, extra?: Extra]
  : [params: Params | undefined, extra: Extra];

/** What `update` returns. */
export interface UpdateResult<Updates, State> {
  readonly updates: Updates;
  readonly state: State;
}

/**
 * A pair of pure functions that turns gradients into updates.
 *
 * `init(params)` returns the state for a tree of parameters. `update(grads, state, params?, extra?)`
 * returns the updates, to be *added* to the parameters by {@link applyUpdates}, and the next state.
 * Both borrow their arguments, return fresh tensors and leave no temporaries. Neither reads a tensor
 * or branches on one, so a step that contains them can be traced and compiled.
 *
 * `State` is a plain tree of tensors. `Extra` names what `update` needs beyond gradients and
 * parameters (a loss value, say); leaving out a required extra is a compile error.
 */
export interface GradientTransformation<State = unknown, Extra = NoExtra> {
  init(params: TensorTree): State;
  update<Params extends TensorTree>(
    grads: Params,
    state: State,
    ...rest: UpdateArgs<Params, Extra>
  ): UpdateResult<Params, State>;
}

/** Any transformation, whatever its state and extra arguments: a bound for type parameters. */
export type AnyTransformation = GradientTransformation<unknown, never>;

/** The state type of a transformation. */
export type OptimizerState<T extends AnyTransformation> = ReturnType<T["init"]>;

/** The extra arguments of a transformation. */
export type ExtraOf<T extends AnyTransformation> = NonNullable<Parameters<T["update"]>[3]>;

/**
 * Applies a function to the tensors of trees with equal structure and keeps the tree's type.
 *
 * The function must return a tensor of its first argument's rank.
 */
export function mapTensors<T extends TensorTree>(
  fn: (leaf: Tensor, ...rest: Tensor[]) => Tensor,
  tree: T,
  ...rest: readonly TensorTree[]
): T {
  return treeMap(fn as (...leaves: unknown[]) => Tensor, tree as unknown, ...rest) as T;
}
