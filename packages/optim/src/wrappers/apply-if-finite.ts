import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, cast, greater, logicalNot, logicalOr, scalar, where } from "@tensorflow/tfjs-core";
import { nextCount, zeroCount } from "../core/count.ts";
import { orZero, selectTree } from "../core/select.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { allFinite } from "./conditions.ts";

/** The state of {@link applyIfFinite}. */
export type ApplyIfFiniteState<Inner> = {
  /** Consecutive gradients up to now that were not finite. */
  readonly notFiniteCount: Scalar;
  /** Whether the last gradient was finite. */
  readonly lastFinite: Scalar;
  /** All gradients that were not finite. */
  readonly totalNotFinite: Scalar;
  readonly inner: Inner;
};

/** Options of {@link applyIfFinite}. */
export interface ApplyIfFiniteOptions {
  /** How many such gradients in a row are ignored; the next is let through. Default: all. */
  readonly maxConsecutiveErrors?: number | undefined;
}

/**
 * Ignores gradients that hold a NaN or an infinity: updates are zero and the state of the optimizer
 * stays, its step count included.
 *
 * After `maxConsecutiveErrors` of them in a row they are let through, as the loss is then broken and
 * that should be seen. Like optax's `apply_if_finite`.
 *
 * @example
 * ```ts
 * import { adam, applyIfFinite } from "@layerwise/optim";
 *
 * const optimizer = applyIfFinite(adam({ learningRate: 1e-3 }), { maxConsecutiveErrors: 5 });
 * ```
 */
export function applyIfFinite<T extends AnyTransformation>(
  transformation: T,
  { maxConsecutiveErrors = Infinity }: ApplyIfFiniteOptions = {},
): GradientTransformation<ApplyIfFiniteState<OptimizerState<T>>, ExtraOf<T>> {
  if (!(maxConsecutiveErrors >= 0)) {
    throw new Error(
      `applyIfFinite: maxConsecutiveErrors: expected a number at least 0, got ${maxConsecutiveErrors}`,
    );
  }
  const limit = Math.min(Math.floor(maxConsecutiveErrors), 2 ** 31 - 1);
  type State = ApplyIfFiniteState<OptimizerState<T>>;
  const update = (grads: TensorTree, state: State, ...rest: [TensorTree?, never?]): unknown =>
    treeTidy(() => {
      const lastFinite = allFinite(grads);
      const none = zeroCount();
      const notFiniteCount = where(lastFinite, none, nextCount(state.notFiniteCount));
      const accepted = logicalOr(lastFinite, greater(notFiniteCount, scalar(limit, "int32")));
      const one = cast(logicalNot(lastFinite), "int32");
      const result = transformation.update(grads, state.inner, ...(rest as [TensorTree, never]));
      return {
        updates: orZero(accepted, result.updates),
        state: {
          notFiniteCount,
          lastFinite,
          totalNotFinite: add(state.totalNotFinite, one),
          inner: selectTree(accepted, result.state, state.inner),
        },
      };
    });
  const init = (params: TensorTree): unknown => ({
    notFiniteCount: zeroCount(),
    lastFinite: scalar(true, "bool"),
    totalNotFinite: zeroCount(),
    inner: transformation.init(params),
  });
  return { init, update } as never;
}
