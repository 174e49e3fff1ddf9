import { sign } from "@tensorflow/tfjs-core";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/**
 * Replaces gradients by their signs: u = sign(g), with sign(0) = 0.
 *
 * @example
 * ```ts
 * import { chain, ema, scaleByLearningRate, scaleBySign } from "@layerwise/optim";
 *
 * const signum = chain(ema({ decay: 0.9 }), scaleBySign(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleBySign(): GradientTransformation<EmptyState> {
  return {
    init: () => null,
    update: (grads, state) => ({ updates: mapTensors(sign, grads), state }),
  };
}
