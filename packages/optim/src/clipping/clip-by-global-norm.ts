import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { mul, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import { safeSqrt } from "../core/safe-sqrt.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { treeSquaredNorm } from "../core/tree-sums.ts";
import { clippingFactor, type NormClipOptions } from "./clipping-factor.ts";

/**
 * Returns the Euclidean norm of all leaves taken as one vector. Its gradient at zero is zero.
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
  return tidy(() => safeSqrt(treeSquaredNorm(tree)));
}

/**
 * Scales all updates down together when their global norm exceeds `maxNorm`:
 * u = g · maxNorm / max(‖g‖, maxNorm).
 *
 * That is optax's `clip_by_global_norm` and Keras's `global_clipnorm`; `{ eps: 1e-6 }` makes it
 * PyTorch's `clip_grad_norm_`. Zero gradients stay zero. Reference: Pascanu et al., 2013,
 * https://arxiv.org/abs/1211.5063.
 *
 * @example
 * ```ts
 * import { chain, clipByGlobalNorm, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(clipByGlobalNorm(1), sgd({ learningRate: 0.1 }));
 * ```
 */
export function clipByGlobalNorm(
  maxNorm: Hyperparameter,
  { eps = 0 }: NormClipOptions = {},
): GradientTransformation<EmptyState> {
  checkRange("clipByGlobalNorm: maxNorm", maxNorm, Number.MIN_VALUE);
  checkRange("clipByGlobalNorm: eps", eps, 0);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const by = clippingFactor(globalNorm(grads), tensorOf(maxNorm), eps);
        return { updates: mapTensors((g) => mul(g, by), grads), state };
      }),
  };
}
