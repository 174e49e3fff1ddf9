import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  equal,
  greaterEqual,
  logicalAnd,
  logicalNot,
  scalar,
  sub,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import { orZero, selectTree } from "../core/select.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import type { Condition } from "./conditions.ts";

/** The state of {@link multiSteps}. */
export type MultiStepsState<Inner> = {
  /** Gradients gathered since the last update. */
  readonly miniStep: Scalar;
  /** Updates made. */
  readonly gradientStep: Scalar;
  /** Their mean or sum. */
  readonly accumulated: TensorTree;
  readonly inner: Inner;
};

/** Options of {@link multiSteps}. */
export interface MultiStepsOptions {
  /** Gradients for one update: a number, or an int32 tensor that depends on the updates made. */
  readonly every: number | ((gradientStep: Tensor) => Tensor);
  /** Update with the mean of the gradients, else with their sum. Default true. */
  readonly useMean?: boolean | undefined;
  /** Gradients to leave out: they count for nothing. Default: none. */
  readonly skip?: Condition | undefined;
}

/**
 * Gathers the gradients of several micro-batches and updates once with their mean: for losses that
 * are means, k micro-batches of equal size are one batch of k times the size.
 *
 * In between updates are zero. All that the optimizer does (clipping, weight decay, moments, its step
 * count and schedules) happens once per update and sees the mean. The mean is a running one,
 * a ← a + (g − a)/n. Extra arguments are those of the last micro-batch.
 *
 * The optimizer is computed at every micro-batch and its result selected or dropped, so that the step
 * can be compiled. Like optax's `MultiSteps`; see {@link applyEvery} for what differs.
 *
 * @example
 * ```ts
 * import { adamW, chain, clipByGlobalNorm, multiSteps } from "@layerwise/optim";
 *
 * const optimizer = multiSteps(chain(clipByGlobalNorm(1), adamW({ learningRate: 1e-3 })), { every: 8 });
 * ```
 */
export function multiSteps<T extends AnyTransformation>(
  transformation: T,
  { every, useMean = true, skip }: MultiStepsOptions,
): GradientTransformation<MultiStepsState<OptimizerState<T>>, ExtraOf<T>> {
  if (typeof every === "number") checkSteps("multiSteps: every", every);
  type State = MultiStepsState<OptimizerState<T>>;
  const update = (grads: TensorTree, state: State, ...rest: [TensorTree?, never?]): unknown =>
    treeTidy(() => {
      const taken = skip && logicalNot(skip(grads, state.gradientStep));
      const miniStep = nextCount(state.miniStep);
      const n = cast(miniStep, "float32");
      const gathered = mapTensors(
        (sum, g) => add(sum, useMean ? div(sub(g, sum), n) : g),
        state.accumulated,
        grads,
      );
      const wanted = typeof every === "number" ? scalar(every, "int32") : every(state.gradientStep);
      const full = greaterEqual(miniStep, wanted);
      const emit = taken ? logicalAnd(taken, full) : full;
      const result = transformation.update(gathered, state.inner, ...(rest as [TensorTree, never]));
      const begun = {
        miniStep: where(full, zeroCount(), miniStep),
        accumulated: mapTensors((sum) => where(full, zerosLike(sum), sum), gathered),
      };
      const { miniStep: before, accumulated } = state;
      const kept = taken ? selectTree(taken, begun, { miniStep: before, accumulated }) : begun;
      return {
        updates: orZero(emit, result.updates),
        state: {
          ...kept,
          gradientStep: where(emit, nextCount(state.gradientStep), state.gradientStep),
          inner: selectTree(emit, result.state, state.inner),
        },
      };
    });
  const init = (params: TensorTree): unknown => ({
    miniStep: zeroCount(),
    gradientStep: zeroCount(),
    accumulated: mapTensors(zerosLike, params),
    inner: transformation.init(params),
  });
  return { init, update } as never;
}

/**
 * Whether the last gradient that {@link multiSteps} took led to an update, a boolean scalar. Skipped ones
 * change nothing, this answer included.
 *
 * @example
 * ```ts
 * import { hasUpdated, multiSteps, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = multiSteps(sgd({ learningRate: 1 }), { every: 2 });
 * const { state } = optimizer.update(tf.scalar(1), optimizer.init(tf.scalar(0)));
 * if (hasUpdated(state).dataSync()[0] !== 0) throw new Error("one of two gradients");
 * ```
 */
export function hasUpdated(state: MultiStepsState<unknown>): Tensor {
  return treeTidy(() => logicalAnd(equal(state.miniStep, 0), greaterEqual(state.gradientStep, 1)));
}
