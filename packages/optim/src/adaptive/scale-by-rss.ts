import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { add, div, equal, square, where, zerosLike } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { fullLike } from "../core/full-like.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { rootWithEps } from "./root-with-eps.ts";

/** The state of {@link scaleByRss}: the sum of squared gradients. */
export type ScaleByRssState = { readonly sumOfSquares: TensorTree };

/** Options of {@link scaleByRss}. */
export interface ScaleByRssOptions {
  /** The sum before the first update. Default 0.1. */
  readonly initialAccumulatorValue?: Hyperparameter | undefined;
  /** Added to the sum or to its root. Default 1e-7. */
  readonly eps?: Hyperparameter | undefined;
  /** Whether eps is added under the root. Default true. */
  readonly epsInSqrt?: boolean | undefined;
}

/**
 * Divides gradients by the root of the sum of all their squares: r ← r + g²,
 * u = g / √(r + eps), or g / (√r + eps) with `epsInSqrt: false`; 0 where r = 0.
 *
 * The defaults are those of optax and Keras; PyTorch starts at r = 0 with eps = 1e-10 outside of the
 * root, as does the lecture with δ = 1e-7.
 * Reference: Duchi et al., 2011, https://jmlr.org/papers/v12/duchi11a.html.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByRss } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByRss({ epsInSqrt: false }), scaleByLearningRate(0.1));
 * ```
 */
export function scaleByRss({
  initialAccumulatorValue = 0.1,
  eps = 1e-7,
  epsInSqrt = true,
}: ScaleByRssOptions = {}): GradientTransformation<ScaleByRssState> {
  checkRange("scaleByRss: initialAccumulatorValue", initialAccumulatorValue, 0);
  checkRange("scaleByRss: eps", eps, 0);
  return {
    init: (params) => ({
      sumOfSquares: mapTensors((p) => fullLike(p, initialAccumulatorValue), params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const sumOfSquares = mapTensors((r, g) => add(r, square(g)), state.sumOfSquares, grads);
        // Not `r > 0`, which would turn a NaN into a zero.
        const updates = mapTensors(
          (g, r) => where(equal(r, 0), zerosLike(g), div(g, rootWithEps(r, eps, epsInSqrt))),
          grads,
          sumOfSquares,
        );
        return { updates, state: { sumOfSquares } };
      }),
  };
}
