import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByLionOptions, ScaleByLionState } from "./scale-by-lion.ts";
import { scaleByLion } from "./scale-by-lion.ts";

/** Options of {@link lion}. */
export interface LionOptions extends ScaleByLionOptions {
  /** The step size, a number or a schedule: three to ten times below that of AdamW. */
  readonly learningRate: LearningRate;
  /** The decoupled decay λ, multiplied by the learning rate. Default 1e-3. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * Lion: θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), m ← β₂ m + (1 − β₂) g.
 *
 * Reference: Chen et al., 2023, https://arxiv.org/abs/2302.06675; see {@link scaleByLion}.
 *
 * @example
 * ```ts
 * import { lion } from "@layerwise/optim";
 *
 * const optimizer = lion({ learningRate: 1e-4, weightDecay: 0.1 });
 * ```
 */
export function lion(
  options: LionOptions,
): GradientTransformation<readonly [ScaleByLionState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-3, ...rest }: Partial<LionOptions> = options ?? {};
  checkLearningRate("lion", learningRate);
  return chain(
    scaleByLion(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
