import { treeTidy } from "@layerwise/autodiff";
import { mul, sqrt, square, sum } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { clippingFactor, type NormClipOptions } from "./clipping-factor.ts";

/**
 * Scales each tensor down by itself when its Euclidean norm exceeds `maxNorm`:
 * u = g · maxNorm / max(‖g‖, maxNorm).
 *
 * Keras's `clipnorm` and TensorFlow's `clip_by_norm`. It turns the whole gradient's direction, which
 * {@link clipByGlobalNorm} does not. Zero gradients stay zero.
 *
 * @example
 * ```ts
 * import { chain, clipByNorm, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(clipByNorm(1), sgd({ learningRate: 0.1 }));
 * ```
 */
export function clipByNorm(
  maxNorm: Hyperparameter,
  { eps = 0 }: NormClipOptions = {},
): GradientTransformation<EmptyState> {
  checkRange("clipByNorm: maxNorm", maxNorm, Number.MIN_VALUE);
  checkRange("clipByNorm: eps", eps, 0);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const limit = tensorOf(maxNorm);
        const updates = mapTensors(
          (g) => mul(g, clippingFactor(sqrt(sum(square(g))), limit, eps)),
          grads,
        );
        return { updates, state };
      }),
  };
}
