import type { TensorTree } from "@layerwise/autodiff";
import type { AnyTransformation, GradientTransformation } from "../core/transformation.ts";

/**
 * Hands the incoming gradients to a transformation as the extra argument `grad` too.
 *
 * Within a chain a line search sees the direction to search along and needs the gradient that this
 * direction was made from; without it, it evaluates the gradient once more.
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByBacktrackingLinesearch, withGrads } from "@layerwise/optim";
 *
 * const steepestDescent = withGrads(chain(scale(-1), scaleByBacktrackingLinesearch()));
 * ```
 */
export function withGrads<State, Extra extends { readonly grad?: TensorTree | undefined }>(
  inner: GradientTransformation<State, Extra>,
): GradientTransformation<State, Omit<Extra, "grad">> {
  const update = (
    grads: TensorTree,
    state: unknown,
    params?: TensorTree,
    extra?: object,
  ): unknown =>
    (inner as AnyTransformation).update(grads, state, params, { ...extra, grad: grads } as never);
  return { init: inner.init, update } as unknown as GradientTransformation<
    State,
    Omit<Extra, "grad">
  >;
}
