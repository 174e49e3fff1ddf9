import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAmsgradOptions, ScaleByAmsgradState } from "./scale-by-amsgrad.ts";
import { scaleByAmsgrad } from "./scale-by-amsgrad.ts";

/** Options of {@link amsGrad}. */
export interface AmsGradOptions extends ScaleByAmsgradOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/** Options of {@link amsGradW}. */
export interface AmsGradWOptions extends AmsGradOptions {
  /** The decay λ, multiplied by the learning rate. Default 1e-4. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * AMSGrad: θ ← θ − η m̂ / (√ŵ + eps), with w the largest second moment so far.
 *
 * Three rules have this name, see `correction`: without options PyTorch's `Adam(amsgrad=True)`; Keras adds
 * `{ epsHat: true, eps: 1e-7 }`; `{ correction: "before-max" }` is optax's; `{ correction: "none" }` is the paper's.
 * Reference: Reddi, Kale and Kumar, 2018, https://openreview.net/forum?id=ryQu7f-RZ.
 *
 * @example
 * ```ts
 * import { amsGrad } from "@layerwise/optim";
 *
 * const optimizer = amsGrad({ learningRate: 1e-3 });
 * ```
 */
export function amsGrad(
  options: AmsGradOptions,
): GradientTransformation<readonly [ScaleByAmsgradState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AmsGradOptions> = options ?? {};
  checkLearningRate("amsGrad", learningRate);
  return chain(scaleByAmsgrad(rest), scaleByLearningRate(learningRate));
}

/**
 * {@link amsGrad} with decoupled weight decay: PyTorch's `AdamW(amsgrad=True)`.
 *
 * @example
 * ```ts
 * import { amsGradW } from "@layerwise/optim";
 *
 * const optimizer = amsGradW({ learningRate: 1e-3, weightDecay: 1e-2 });
 * ```
 */
export function amsGradW(
  options: AmsGradWOptions,
): GradientTransformation<readonly [ScaleByAmsgradState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<AmsGradWOptions> = options ?? {};
  checkLearningRate("amsGradW", learningRate);
  return chain(
    scaleByAmsgrad(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
