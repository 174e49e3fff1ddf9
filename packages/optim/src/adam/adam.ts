import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamOptions, ScaleByAdamState } from "./scale-by-adam.ts";
import { scaleByAdam } from "./scale-by-adam.ts";

/** Options of {@link adam}. */
export interface AdamOptions extends ScaleByAdamOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/** Options of {@link adamW}. */
export interface AdamWOptions extends AdamOptions {
  /** The decay λ, multiplied by the learning rate. Default 1e-4. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * Adam: θ ← θ − η m̂ / (√v̂ + eps). Reference: https://arxiv.org/abs/1412.6980, 2015.
 *
 * @example
 * ```ts
 * import { adam } from "@layerwise/optim";
 *
 * const optimizer = adam({ learningRate: 1e-3 });
 * ```
 */
export function adam(
  options: AdamOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AdamOptions> = options ?? {};
  checkLearningRate("adam", learningRate);
  return chain(scaleByAdam(rest), scaleByLearningRate(learningRate));
}

/**
 * Adam with decoupled weight decay: θ ← θ − η (m̂ / (√v̂ + eps) + λ θ).
 *
 * The decay acts on the parameters before the step and never enters the moments.
 * Reference: Loshchilov and Hutter, 2019, https://arxiv.org/abs/1711.05101.
 *
 * @example
 * ```ts
 * import { adamW } from "@layerwise/optim";
 *
 * const optimizer = adamW({ learningRate: 1e-3, weightDecay: 1e-2 });
 * ```
 */
export function adamW(
  options: AdamWOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<AdamWOptions> = options ?? {};
  checkLearningRate("adamW", learningRate);
  return chain(
    scaleByAdam(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
