import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { clone, div, maximum, zerosLike } from "@tensorflow/tfjs-core";
import { checkChoice } from "../core/check.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import {
  averageOf,
  averageOfSquares,
  checkMoments,
  correctedMean,
  rootOf,
  zeroMoments,
} from "./moments.ts";
import type { ScaleByAdamOptions } from "./scale-by-adam.ts";

/** The state of {@link scaleByAmsgrad}. */
export type ScaleByAmsgradState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
  /** The largest second moment so far. */
  readonly nuMax: TensorTree;
};

/** Options of {@link scaleByAmsgrad}. */
export interface ScaleByAmsgradOptions extends Omit<ScaleByAdamOptions, "nesterov"> {
  /**
   * Where the bias is corrected. `"after-max"` (default): the maximum is over the raw averages and is then
   * corrected, as in PyTorch and Keras. `"before-max"`: it is over the corrected averages, as in optax; the
   * noisy estimates of the first steps then stay. `"none"`: neither moment is corrected, as in the paper.
   */
  readonly correction?: "after-max" | "before-max" | "none" | undefined;
}

/**
 * Adam that divides by the largest second moment so far: its steps only get smaller.
 *
 * m and v as in Adam, w = max(w, v), u = m̂ / (√(ŵ + epsRoot) + eps). The three published rules differ in
 * the correction of w, see {@link ScaleByAmsgradOptions.correction}.
 * Reference: Reddi, Kale and Kumar, 2018, https://openreview.net/forum?id=ryQu7f-RZ, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, scaleByAmsgrad, scaleByLearningRate } from "@layerwise/optim";
 *
 * const paper = chain(scaleByAmsgrad({ correction: "none" }), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByAmsgrad({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  epsHat = false,
  correction = "after-max",
}: ScaleByAmsgradOptions = {}): GradientTransformation<ScaleByAmsgradState> {
  checkMoments("scaleByAmsgrad", { b1, b2, eps, epsRoot });
  checkChoice("scaleByAmsgrad: correction", correction, ["after-max", "before-max", "none"]);
  return {
    init: (params) => ({ ...zeroMoments(params), nuMax: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const c2 = biasCorrection(b2, count);
        const nuMax = mapTensors(
          (v, w) => maximum(w, correction === "before-max" ? div(v, c2) : v),
          nu,
          state.nuMax,
        );
        const mean = correction === "none" ? clone : correctedMean(b1, count, false);
        const left = correction === "after-max" ? c2 : undefined;
        const updates = mapTensors(
          (m, w, g) => div(mean(m, g), rootOf(w, { eps, epsRoot, epsHat }, left)),
          mu,
          nuMax,
          grads,
        );
        return { updates, state: { count, mu, nu, nuMax } };
      }),
  };
}
