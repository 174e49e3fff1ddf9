import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import {
  add,
  clone,
  div,
  greater,
  greaterEqual,
  maximum,
  mul,
  sub,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { times } from "../core/arithmetic.ts";
import { mapTensors } from "../core/map.ts";
import { selectTree } from "../core/select.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { treeDot } from "../core/tree-sums.ts";

/** The state of {@link scaleByConjugateGradient}. */
export type ScaleByConjugateGradientState = {
  /** The gradient of the update before. */
  readonly grads: TensorTree;
  /** Its direction. */
  readonly direction: TensorTree;
};

/**
 * Makes gradients conjugate to the last direction (nonlinear conjugate gradient, Polak–Ribière+):
 * uₜ = gₜ + βₜ uₜ₋₁, βₜ = max(0, gₜᵀ(gₜ − gₜ₋₁) / gₜ₋₁ᵀgₜ₋₁).
 *
 * Restarts with u = g where β falls below zero, and where uᵀg < 0.01 gᵀg, so that −u always goes
 * down. After a step of length zero β is 0 too. Needs a line search after it. References: Polak and
 * Ribière, 1969, http://www.numdam.org/item/M2AN_1969__3_1_35_0/; Gilbert and Nocedal, 1992,
 * https://doi.org/10.1137/0802003.
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByConjugateGradient, scaleByZoomLinesearch } from "@layerwise/optim";
 *
 * const linesearch = scaleByZoomLinesearch({ curvRtol: 0.1, initialGuess: "slope" });
 * const optimizer = chain(scaleByConjugateGradient(), scale(-1), linesearch);
 * ```
 */
export function scaleByConjugateGradient(): GradientTransformation<ScaleByConjugateGradientState> {
  return {
    init: (params) => ({
      grads: mapTensors(zerosLike, params),
      direction: mapTensors(zerosLike, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const before = treeDot(state.grads, state.grads);
        const change = treeDot(grads, mapTensors(sub, grads, state.grads));
        // Zero at the first update, and where a gradient was.
        const known = greater(before, 0);
        const ratio = div(change, where(known, before, constant(1)));
        const beta = where(known, maximum(ratio, 0), constant(0));
        const conjugate = mapTensors((g, u) => add(g, mul(beta, u)), grads, state.direction);
        const descends = greaterEqual(
          treeDot(conjugate, grads),
          times(treeDot(grads, grads), 0.01),
        );
        const direction = selectTree(descends, conjugate, grads);
        return {
          updates: mapTensors(clone, direction),
          state: { grads: mapTensors(clone, grads), direction },
        };
      }),
  };
}
