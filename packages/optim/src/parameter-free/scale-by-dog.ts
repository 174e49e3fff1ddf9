import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  equal,
  maximum,
  mul,
  scalar,
  sqrt,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { type Hyperparameter, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import { treeSquaredNorm } from "../core/tree-sums.ts";

/** The state of {@link scaleByDog}. */
export type ScaleByDogState = {
  readonly count: Scalar;
  /** The parameters at the start, θ₀. */
  readonly initParams: TensorTree;
  /** The largest distance from them so far, r̄. */
  readonly maxDistance: Tensor;
  /** The sum of squared gradient norms, G. */
  readonly squaredNormSum: Tensor;
};

/** How {@link scaleByDog} makes its first step: one of three. */
export type DogInitStep =
  /** The first distance r₀ is this. */
  | { readonly distance: Hyperparameter }
  /** The first step size is this, and r₀ = 0. */
  | { readonly learningRate: Hyperparameter }
  /** r₀ is this times 1 + ‖θ₀‖. */
  | { readonly heuristic: Hyperparameter };

/** Options of {@link scaleByDog}. */
export interface ScaleByDogOptions {
  /** The first step. Default `{ heuristic: 1e-6 }`; with batch norm the authors advise 1e-4. */
  readonly initStep?: DogInitStep | undefined;
  /** Added to G under the root. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Distance over gradients: r̄ₜ = max(r̄ₜ₋₁, ‖θₜ − θ₀‖), Gₜ = Gₜ₋₁ + ‖g‖², u = r̄ₜ / √(Gₜ + eps) g.
 *
 * Norms are over all parameters together. `update` needs the parameters.
 * Reference: Ivgi et al., 2023, https://arxiv.org/abs/2302.12022.
 *
 * @example
 * ```ts
 * import { chain, scaleByDog, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByDog({ initStep: { distance: 1e-3 } }), scaleByLearningRate(1));
 * ```
 */
export function scaleByDog({
  initStep = { heuristic: 1e-6 },
  eps = 1e-8,
}: ScaleByDogOptions = {}): GradientTransformation<ScaleByDogState> {
  const { distance, learningRate, heuristic } = checkedInitStep(initStep);
  checkRange("scaleByDog: eps", eps, Number.MIN_VALUE);
  const firstDistance = (params: TensorTree): Tensor => {
    if (heuristic !== undefined) return times(plus(globalNorm(params), 1), heuristic);
    return distance === undefined ? scalar(0) : clone(tensorOf(distance));
  };
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        initParams: mapTensors(clone, params),
        maxDistance: firstDistance(params),
        squaredNormSum: scalar(0),
      })),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("scaleByDog", params);
        const moved = mapTensors(sub, state.initParams, wanted);
        const maxDistance = maximum(state.maxDistance, globalNorm(moved));
        const squaredNormSum = add(state.squaredNormSum, treeSquaredNorm(grads));
        const ratio = div(maxDistance, sqrt(plus(squaredNormSum, eps)));
        const by =
          learningRate === undefined
            ? ratio
            : where(equal(state.count, scalar(0, "int32")), tensorOf(learningRate), ratio);
        const updates = mapTensors((g) => mul(by, g), grads);
        const count = nextCount(state.count);
        const initParams = mapTensors(clone, state.initParams);
        return { updates, state: { count, initParams, maxDistance, squaredNormSum } };
      }),
  };
}

type InitStep = Partial<Record<"distance" | "learningRate" | "heuristic", Hyperparameter>>;

function checkedInitStep(initStep: DogInitStep): InitStep {
  const entries = Object.entries(initStep);
  const [name, value] = entries[0] ?? [];
  if (entries.length !== 1 || !["distance", "learningRate", "heuristic"].includes(name ?? "")) {
    const got = entries.map(([key]) => key).join(", ");
    throw new Error(
      `scaleByDog: initStep: expected one of distance, learningRate, heuristic, got {${got}}`,
    );
  }
  checkRange(`scaleByDog: initStep.${name}`, value, 0);
  return initStep;
}
