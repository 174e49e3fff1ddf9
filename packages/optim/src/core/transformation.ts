import type { TensorTree } from "@layerwise/autodiff";

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

/** Returns the parameters, or throws where a rule that needs them was called without. */
export function requireParams(name: string, params: TensorTree | undefined): TensorTree {
  if (params !== undefined) return params;
  throw new Error(`${name}: expected the parameters as update's third argument, got undefined`);
}
