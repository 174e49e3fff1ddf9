import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { clone, greater, sub, zeros, zerosLike } from "@tensorflow/tfjs-core";
import { checkChoice, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import {
  inverseHessianProduct,
  type LbfgsMemory,
  rememberAll,
  rememberPositive,
} from "./lbfgs-memory.ts";

/** The state of {@link scaleByLbfgs}. */
export type ScaleByLbfgsState = LbfgsMemory & {
  readonly count: Scalar;
  /** The parameters of the update before. */
  readonly params: TensorTree;
  /** Their gradient. */
  readonly grads: TensorTree;
};

/** Options of {@link scaleByLbfgs}. */
export interface ScaleByLbfgsOptions {
  /** Number of past steps to estimate curvature from. Default 10. */
  readonly memorySize?: number | undefined;
  /** Start from γ I rather than from I, see there. Default true. */
  readonly scaleInitPrecond?: boolean | undefined;
  /**
   * What becomes of a step with sᵀy <= 0. `"skip"` (default) leaves it out, `"keep"` remembers it, as
   * optax does, and may then go up.
   */
  readonly negativeCurvature?: "skip" | "keep" | undefined;
}

/**
 * Multiplies the gradient by an estimate of the inverse Hessian made from the last steps: u = H g.
 *
 * With the differences s = θₖ₊₁ − θₖ and y = gₖ₊₁ − gₖ of the last `memorySize` steps, oldest first:
 * H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ, ρ = 1/sᵀy, from H = γ I with γ = sᵀy / yᵀy of the newest,
 * and γ = min(1, 1/‖g‖) as long as there is none. H is never built: two passes over the memory make
 * its product with g. `update` needs the parameters and throws without.
 *
 * A step that did not move is taken for a failed line search, and the memory is forgotten; optax
 * goes on with it. Reference: Liu and Nocedal, 1989, https://doi.org/10.1007/BF01589116; Nocedal and
 * Wright, 2006, algorithm 7.4, https://doi.org/10.1007/978-0-387-40065-5.
 *
 * @example
 * ```ts
 * import { chain, scaleByLbfgs, scaleByLearningRate } from "@layerwise/optim";
 *
 * const withoutLinesearch = chain(scaleByLbfgs({ memorySize: 5 }), scaleByLearningRate(0.1));
 * ```
 */
export function scaleByLbfgs({
  memorySize = 10,
  scaleInitPrecond = true,
  negativeCurvature = "skip",
}: ScaleByLbfgsOptions = {}): GradientTransformation<ScaleByLbfgsState> {
  checkSteps("scaleByLbfgs: memorySize", memorySize);
  checkChoice("scaleByLbfgs: negativeCurvature", negativeCurvature, ["skip", "keep"]);
  const remember = negativeCurvature === "skip" ? rememberPositive : rememberAll;
  const rows = (p: Tensor): Tensor => zeros([memorySize, ...p.shape]);
  return {
    init: (params) => ({
      count: zeroCount(),
      params: mapTensors(zerosLike, params),
      grads: mapTensors(zerosLike, params),
      diffParams: mapTensors(rows, params),
      diffGrads: mapTensors(rows, params),
      weights: zeros([memorySize]),
    }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const at = requireParams("scaleByLbfgs", params);
        const pair = {
          s: mapTensors(sub, at, state.params),
          y: mapTensors(sub, grads as TensorTree, state.grads),
          known: greater(state.count, 0),
        };
        const { memory, scale } = remember(state, pair, grads);
        const updates = inverseHessianProduct(
          memory,
          scaleInitPrecond ? scale : constant(1),
          grads,
        );
        const last = { params: mapTensors(clone, at), grads: mapTensors(clone, grads) };
        return { updates, state: { count: nextCount(state.count), ...last, ...memory } };
      }),
  };
}
