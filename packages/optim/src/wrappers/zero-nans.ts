import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { any, isNaN as nan, scalar, where, zerosLike } from "@tensorflow/tfjs-core";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link zeroNans}: a boolean scalar for each parameter. */
export type ZeroNansState = { readonly foundNan: TensorTree };

/**
 * Replaces NaNs by zero, and remembers which tensors had some. Infinities stay.
 *
 * @example
 * ```ts
 * import { adam, chain, zeroNans } from "@layerwise/optim";
 *
 * const optimizer = chain(zeroNans(), adam({ learningRate: 1e-3 }));
 * ```
 */
export function zeroNans(): GradientTransformation<ZeroNansState> {
  return {
    init: (params) => ({ foundNan: mapTensors(() => scalar(false, "bool"), params) }),
    update: (grads) =>
      treeTidy(() => ({
        updates: mapTensors((g) => where(nan(g), zerosLike(g), g), grads),
        state: { foundNan: mapTensors((g) => any(nan(g)), grads as TensorTree) },
      })),
  };
}
