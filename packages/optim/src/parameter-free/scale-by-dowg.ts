import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, div, maximum, mul, scalar, sqrt, sub } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeSquaredNorm } from "../core/tree-sums.ts";

/** The state of {@link scaleByDowg}. */
export type ScaleByDowgState = {
  /** The parameters at the start, θ₀. */
  readonly initParams: TensorTree;
  /** The largest squared distance from them so far, r̄². */
  readonly squaredDistance: Tensor;
  /** The sum of squared gradient norms, each times r̄² of its time, V. */
  readonly weightedNormSum: Tensor;
};

/** Options of {@link scaleByDowg}. */
export interface ScaleByDowgOptions {
  /** The first r̄². Default: eps. */
  readonly initSquaredDistance?: Hyperparameter | undefined;
  /** Added to the root of V. Default 1e-4. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Distance over weighted gradients: r̄ₜ² = max(r̄ₜ₋₁², ‖θₜ − θ₀‖²), Vₜ = Vₜ₋₁ + r̄ₜ² ‖g‖²,
 * u = r̄ₜ² / (√Vₜ + eps) g.
 *
 * Norms are over all parameters together. `update` needs the parameters. The eps is optax's; the
 * paper has none. Reference: Khaled et al., 2023, https://arxiv.org/abs/2305.16284, algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, scaleByDowg, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByDowg(), scaleByLearningRate(1));
 * ```
 */
export function scaleByDowg({
  eps = 1e-4,
  initSquaredDistance = eps,
}: ScaleByDowgOptions = {}): GradientTransformation<ScaleByDowgState> {
  checkRange("scaleByDowg: initSquaredDistance", initSquaredDistance, Number.MIN_VALUE);
  checkRange("scaleByDowg: eps", eps, Number.MIN_VALUE);
  return {
    init: (params) =>
      treeTidy(() => ({
        initParams: mapTensors(clone, params),
        squaredDistance: clone(tensorOf(initSquaredDistance)),
        weightedNormSum: scalar(0),
      })),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("scaleByDowg", params);
        const moved = treeSquaredNorm(mapTensors(sub, state.initParams, wanted));
        const squaredDistance = maximum(state.squaredDistance, moved);
        const weighted = mul(squaredDistance, treeSquaredNorm(grads));
        const weightedNormSum = add(state.weightedNormSum, weighted);
        const by = div(squaredDistance, plus(sqrt(weightedNormSum), eps));
        const updates = mapTensors((g) => mul(by, g), grads);
        const initParams = mapTensors(clone, state.initParams);
        return { updates, state: { initParams, squaredDistance, weightedNormSum } };
      }),
  };
}
