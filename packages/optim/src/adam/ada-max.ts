import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByAdamaxOptions } from "./scale-by-adamax.ts";
import { scaleByAdamax } from "./scale-by-adamax.ts";

/** Options of {@link adaMax}. */
export interface AdaMaxOptions extends ScaleByAdamaxOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/** Options of {@link adaMaxW}. */
export interface AdaMaxWOptions extends AdaMaxOptions {
  /** The decay λ, multiplied by the learning rate. Default 1e-4. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * AdaMax: θ ← θ − η m̂ / w, with w = max(β₂ w, |g| + eps).
 *
 * As in PyTorch and optax; Keras has `{ epsOutside: true, eps: 1e-7 }`.
 * Reference: Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980, section 7.1.
 *
 * @example
 * ```ts
 * import { adaMax } from "@layerwise/optim";
 *
 * const optimizer = adaMax({ learningRate: 2e-3 });
 * ```
 */
export function adaMax(
  options: AdaMaxOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AdaMaxOptions> = options ?? {};
  checkLearningRate("adaMax", learningRate);
  return chain(scaleByAdamax(rest), scaleByLearningRate(learningRate));
}

/**
 * {@link adaMax} with decoupled weight decay: θ ← θ − η (m̂ / w + λ θ).
 *
 * @example
 * ```ts
 * import { adaMaxW } from "@layerwise/optim";
 *
 * const optimizer = adaMaxW({ learningRate: 2e-3, weightDecay: 1e-2 });
 * ```
 */
export function adaMaxW(
  options: AdaMaxWOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<AdaMaxWOptions> = options ?? {};
  checkLearningRate("adaMaxW", learningRate);
  return chain(
    scaleByAdamax(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
