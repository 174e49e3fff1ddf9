import { treeTidy } from "@layerwise/autodiff";
import { add, mul } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "./arithmetic.ts";
import { checkRange } from "./check.ts";
import { mapTensors } from "./map.ts";
import type { EmptyState, GradientTransformation } from "./transformation.ts";
import { requireParams } from "./transformation.ts";

/**
 * Adds a multiple of the parameters to the updates: u = g + λ θ.
 *
 * Before the moments of an adaptive method this is an L2 penalty, after them decoupled weight
 * decay: the place in the {@link chain} decides. `update` needs the parameters and throws without.
 *
 * @example
 * ```ts
 * import { addDecayedWeights, chain, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const l2 = chain(addDecayedWeights(1e-4), scaleByAdam(), scaleByLearningRate(1e-3));
 * const decoupled = chain(scaleByAdam(), addDecayedWeights(1e-4), scaleByLearningRate(1e-3));
 * ```
 */
export function addDecayedWeights(weightDecay: Hyperparameter): GradientTransformation<EmptyState> {
  checkRange("addDecayedWeights: weightDecay", weightDecay, 0);
  return {
    init: () => null,
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("addDecayedWeights", params);
        const by = tensorOf(weightDecay);
        return { updates: mapTensors((g, p) => add(g, mul(by, p)), grads, wanted), state };
      }),
  };
}
