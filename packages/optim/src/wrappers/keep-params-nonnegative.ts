import { treeTidy } from "@layerwise/autodiff";
import { add, less, neg, where } from "@tensorflow/tfjs-core";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/**
 * Shortens updates so that no parameter becomes negative: u ← −θ where θ + u < 0.
 *
 * Put it last in a chain, and start with parameters that are not negative. Needs the parameters.
 *
 * @example
 * ```ts
 * import { chain, keepParamsNonnegative, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(sgd({ learningRate: 0.1 }), keepParamsNonnegative());
 * ```
 */
export function keepParamsNonnegative(): GradientTransformation<EmptyState> {
  return {
    init: () => null,
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("keepParamsNonnegative", params);
        const updates = mapTensors((u, p) => where(less(add(p, u), 0), neg(p), u), grads, wanted);
        return { updates, state };
      }),
  };
}
