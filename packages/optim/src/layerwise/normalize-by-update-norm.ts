import { treeTidy } from "@layerwise/autodiff";
import { div, mul } from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { type Hyperparameter, plus, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/** Options of {@link normalizeByUpdateNorm}. */
export interface NormalizeByUpdateNormOptions {
  /** The norm of the result. Default 1. */
  readonly scaleFactor?: Hyperparameter | undefined;
  /** Added to the norm. Default 1e-6. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Gives all updates together one global norm: u = s · g / (‖g‖ + eps).
 *
 * @example
 * ```ts
 * import { chain, normalizeByUpdateNorm, sgd } from "@layerwise/optim";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const normalized = chain(normalizeByUpdateNorm(), sgd({ learningRate: 0.1 }));
 * ```
 */
export function normalizeByUpdateNorm({
  scaleFactor = 1,
  eps = 1e-6,
}: NormalizeByUpdateNormOptions = {}): GradientTransformation<EmptyState> {
  checkRange("normalizeByUpdateNorm: scaleFactor", scaleFactor, 0);
  checkRange("normalizeByUpdateNorm: eps", eps, 0);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const by = div(tensorOf(scaleFactor), plus(globalNorm(grads), eps));
        return { updates: mapTensors((g) => mul(g, by), grads), state };
      }),
  };
}
