import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import {
  greater,
  less,
  maximum,
  minimum,
  mul,
  onesLike,
  sign,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { fullLike } from "../core/full-like.ts";
import { mapTensors, mapTensorsTo } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByRprop}. */
export type ScaleByRpropState = {
  /** The step size of each number. */
  readonly stepSizes: TensorTree;
  /** The sign of the last gradient, 0 where the step before had turned back. */
  readonly previousSigns: TensorTree;
};

/** Options of {@link scaleByRprop}. */
export interface ScaleByRpropOptions {
  /** The first step size of each number. Default 0.01. */
  readonly initialStepSize?: Hyperparameter | undefined;
  /** The factor of step sizes after a change of sign, in [0, 1). Default 0.5. */
  readonly etaMinus?: Hyperparameter | undefined;
  /** The factor of step sizes where the sign stays, at least 1. Default 1.2. */
  readonly etaPlus?: Hyperparameter | undefined;
  /** The smallest step size. Default 1e-6. */
  readonly minStepSize?: Hyperparameter | undefined;
  /** The largest step size. Default 50. */
  readonly maxStepSize?: Hyperparameter | undefined;
}

/**
 * Replaces gradients by steps of adapted sizes in the direction of their signs: u = Δ sign(g).
 *
 * Δ grows by η⁺ while the sign of g stays and shrinks by η⁻ when it changes; after a change the
 * gradient counts as 0, so that this step is left out and the next neither grows nor shrinks
 * (iRprop−). The rule of PyTorch. optax 0.2 gives the steps one update late. For full batches: only
 * signs are seen, and noise turns them.
 * References: Riedmiller and Braun, 1993, https://doi.org/10.1109/ICNN.1993.298623; Igel and Hüsken,
 * 2003, https://doi.org/10.1016/S0925-2312(01)00700-7.
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByRprop } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByRprop({ initialStepSize: 0.1 }), scale(-1));
 * ```
 */
export function scaleByRprop({
  initialStepSize = 0.01,
  etaMinus = 0.5,
  etaPlus = 1.2,
  minStepSize = 1e-6,
  maxStepSize = 50,
}: ScaleByRpropOptions = {}): GradientTransformation<ScaleByRpropState> {
  checkRange("scaleByRprop: initialStepSize", initialStepSize, 0);
  checkRange("scaleByRprop: etaMinus", etaMinus, 0, 1);
  checkRange("scaleByRprop: etaPlus", etaPlus, 1);
  checkRange("scaleByRprop: minStepSize", minStepSize, 0);
  checkRange("scaleByRprop: maxStepSize", maxStepSize, 0);
  return {
    init: (params) => ({
      stepSizes: mapTensors((p) => fullLike(p, initialStepSize), params),
      previousSigns: mapTensors(zerosLike, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const [shrink, grow] = [tensorOf(etaMinus), tensorOf(etaPlus)];
        const [low, high] = [tensorOf(minStepSize), tensorOf(maxStepSize)];
        const { updates, stepSizes, previousSigns } = mapTensorsTo(
          ["updates", "stepSizes", "previousSigns"],
          (g, size, before) => {
            const now = sign(g);
            const agreement = mul(now, before);
            const turned = less(agreement, 0);
            const factor = where(
              turned,
              shrink,
              where(greater(agreement, 0), grow, onesLike(agreement)),
            );
            const stepSizes = minimum(maximum(mul(size, factor), low), high);
            const previousSigns = where(turned, zerosLike(now), now);
            return { updates: mul(stepSizes, previousSigns), stepSizes, previousSigns };
          },
          grads,
          state.stepSizes,
          state.previousSigns,
        );
        return { updates, state: { stepSizes, previousSigns } };
      }),
  };
}
