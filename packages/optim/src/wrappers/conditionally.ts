import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
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

/** The state of {@link conditionallyTransform} and {@link conditionallyMask}. */
export type ConditionalState<Inner> = {
  /** The number of calls. */
  readonly count: Scalar;
  readonly inner: Inner;
};

/**
 * Applies a transformation where a condition holds; else gradients pass unchanged and its state stays.
 *
 * Both results are computed and one is selected, so that the step can be compiled.
 *
 * @example
 * ```ts
 * import { conditionallyTransform, clipByGlobalNorm } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const early = conditionallyTransform(clipByGlobalNorm(1), (_grads, count) => tf.less(count, 1000));
 * ```
 */
export function conditionallyTransform<T extends AnyTransformation>(
  transformation: T,
  condition: Condition,
): GradientTransformation<ConditionalState<OptimizerState<T>>, ExtraOf<T>> {
  return conditional(transformation, condition, (holds, updates, grads) =>
    selectTree(holds, updates, mapTensors(clone, grads)),
  );
}

/**
 * Applies a transformation where a condition holds; else updates are zero and its state stays.
 *
 * @example
 * ```ts
 * import { adam, conditionallyMask } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const everyOther = conditionallyMask(adam({ learningRate: 1e-3 }), (_grads, count) =>
 *   tf.equal(tf.mod(count, tf.scalar(2, "int32")), 0),
 * );
 * ```
 */
export function conditionallyMask<T extends AnyTransformation>(
  transformation: T,
  condition: Condition,
): GradientTransformation<ConditionalState<OptimizerState<T>>, ExtraOf<T>> {
  return conditional(transformation, condition, orZero);
}

function conditional<T extends AnyTransformation>(
  transformation: T,
  condition: Condition,
  choose: (holds: ReturnType<Condition>, updates: TensorTree, grads: TensorTree) => TensorTree,
): GradientTransformation<ConditionalState<OptimizerState<T>>, ExtraOf<T>> {
  type State = ConditionalState<OptimizerState<T>>;
  const update = (grads: TensorTree, state: State, ...rest: [TensorTree?, never?]): unknown =>
    treeTidy(() => {
      const holds = condition(grads, state.count);
      const result = transformation.update(grads, state.inner, ...(rest as [TensorTree, never]));
      const inner = selectTree(holds, result.state, state.inner);
      const updates = choose(holds, result.updates, grads);
      return { updates, state: { count: nextCount(state.count), inner } };
    });
  const init = (params: TensorTree): unknown => ({
    count: zeroCount(),
    inner: transformation.init(params),
  });
  return { init, update } as never;
}
