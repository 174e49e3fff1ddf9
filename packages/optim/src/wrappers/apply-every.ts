import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, equal, logicalNot, scalar, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import { orZero } from "../core/select.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link applyEvery}: how many updates the sum has, and the sum. */
export type ApplyEveryState = { readonly count: Scalar; readonly accumulated: TensorTree };

/**
 * Sums updates and lets the sum through every k-th time; zero in between.
 *
 * After a rule that is linear in the gradient (plain SGD) that is gradient accumulation with a sum.
 * After Adam it is not: the moments and the step count have moved k times with the gradients of
 * micro-batches, and the sum of k normalized steps is not the normalized step of a sum. Use
 * {@link multiSteps} there. Like optax's `apply_every`.
 *
 * @example
 * ```ts
 * import { applyEvery, chain, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(sgd({ learningRate: 0.1 }), applyEvery(4));
 * ```
 */
export function applyEvery(k: number): GradientTransformation<ApplyEveryState> {
  checkSteps("applyEvery", k);
  return {
    init: (params) => ({ count: zeroCount(), accumulated: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const sum = mapTensors(add, grads, state.accumulated);
        const count = nextCount(state.count);
        const emit = equal(count, scalar(k, "int32"));
        const accumulated = orZero(logicalNot(emit), sum as TensorTree);
        const updates = orZero(emit, sum);
        return { updates, state: { count: where(emit, zeroCount(), count), accumulated } };
      }),
  };
}
