import type { TensorTree } from "@layerwise/autodiff";
import { treeLeaves, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { addN, div, maximum, mul, scalar, sqrt, square, sum, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/**
 * Returns the Euclidean norm of all leaves taken as one vector.
 *
 * @example
 * ```ts
 * import { globalNorm } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [norm] = globalNorm({ a: tf.scalar(3), b: tf.tensor1d([4]) }).dataSync();
 * if (norm !== 5) throw new Error(String(norm));
 * ```
 */
export function globalNorm(tree: TensorTree): Scalar {
  return tidy(() => {
    const squares = treeLeaves<TensorTree, Tensor>(tree).map((leaf) => sum<Scalar>(square(leaf)));
    return squares.length === 0 ? scalar(0) : sqrt(addN(squares));
  });
}

/**
 * Scales all updates down together when their global norm exceeds `maxNorm`:
 * u = g · maxNorm / max(‖g‖, maxNorm).
 *
 * @example
 * ```ts
 * import { chain, clipByGlobalNorm, sgd } from "@layerwise/optim";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = chain(clipByGlobalNorm(1), sgd({ learningRate: 0.1 }));
 * ```
 */
export function clipByGlobalNorm(maxNorm: Hyperparameter): GradientTransformation<EmptyState> {
  checkRange("clipByGlobalNorm: maxNorm", maxNorm, Number.MIN_VALUE);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const limit = tensorOf(maxNorm);
        // The maximum keeps a zero gradient zero without a division by zero.
        const by = div(limit, maximum(globalNorm(grads), limit));
        return { updates: mapTensors((g) => mul(g, by), grads), state };
      }),
  };
}
