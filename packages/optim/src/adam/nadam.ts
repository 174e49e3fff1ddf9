import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByNadamOptions, ScaleByNadamState } from "./scale-by-nadam.ts";
import { scaleByNadam } from "./scale-by-nadam.ts";

/** Options of {@link nadam}. */
export interface NadamOptions extends ScaleByNadamOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/** Options of {@link nadamW}. */
export interface NadamWOptions extends NadamOptions {
  /** The decay λ, multiplied by the learning rate. Default 1e-4. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * Adam with Nesterov's momentum: θ ← θ − η ((1 − μₜ) g / (1 − Πₜ) + μₜ₊₁ m / (1 − Πₜ₊₁)) / (√v̂ + eps).
 *
 * μₜ = β₁ (1 − ½ · 0.96^(ψ t)) and Πₜ is the product of all μ so far. Without options μₜ = β₁ as in optax's `nadam`;
 * PyTorch has `{ momentumDecay: 0.004 }`, Keras `{ momentumDecay: 1, eps: 1e-7 }`.
 * Reference: Dozat, 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.
 *
 * @example
 * ```ts
 * import { nadam } from "@layerwise/optim";
 *
 * const optimizer = nadam({ learningRate: 2e-3, momentumDecay: 0.004 });
 * ```
 */
export function nadam(
  options: NadamOptions,
): GradientTransformation<readonly [ScaleByNadamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<NadamOptions> = options ?? {};
  checkLearningRate("nadam", learningRate);
  return chain(scaleByNadam(rest), scaleByLearningRate(learningRate));
}

/**
 * {@link nadam} with decoupled weight decay, as in `adamW`: the decay λ θ joins the step.
 *
 * Without `momentumDecay` this is optax's `nadamw`.
 *
 * @example
 * ```ts
 * import { nadamW } from "@layerwise/optim";
 *
 * const optimizer = nadamW({ learningRate: 2e-3, weightDecay: 1e-2 });
 * ```
 */
export function nadamW(
  options: NadamWOptions,
): GradientTransformation<readonly [ScaleByNadamState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<NadamWOptions> = options ?? {};
  checkLearningRate("nadamW", learningRate);
  return chain(
    scaleByNadam(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
