import { treeTidy } from "@layerwise/autodiff";
import { maximum, minimum, neg } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/**
 * Limits every element: u = min(max(g, −maxDelta), maxDelta).
 *
 * optax's `clip`, Keras's `clipvalue`, PyTorch's `clip_grad_value_`.
 *
 * @example
 * ```ts
 * import { chain, clip, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(clip(0.5), sgd({ learningRate: 0.1 }));
 * ```
 */
export function clip(maxDelta: Hyperparameter): GradientTransformation<EmptyState> {
  checkRange("clip: maxDelta", maxDelta, 0);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const high = tensorOf(maxDelta);
        const low = neg(high);
        return { updates: mapTensors((g) => minimum(maximum(g, low), high), grads), state };
      }),
  };
}
