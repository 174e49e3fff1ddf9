import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByMadgradOptions, ScaleByMadgradState } from "./scale-by-madgrad.ts";
import { scaleByMadgrad } from "./scale-by-madgrad.ts";

/** Options of {@link madgrad}. */
export interface MadgradOptions extends ScaleByMadgradOptions {
  /** The factor λ of the L2 penalty. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * MADGRAD: dual averaging with momentum and a cube root; see {@link scaleByMadgrad}.
 *
 * Decay is an L2 penalty, as in optax. Reference: Defazio and Jelassi, 2022,
 * https://arxiv.org/abs/2101.11075.
 *
 * @example
 * ```ts
 * import { madgrad } from "@layerwise/optim";
 *
 * const optimizer = madgrad({ learningRate: 0.01 });
 * ```
 */
export function madgrad(
  options: MadgradOptions,
): GradientTransformation<readonly [EmptyState, ScaleByMadgradState]> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<MadgradOptions> = options ?? {};
  checkLearningRate("madgrad", learningRate);
  return chain(addDecayedWeights(weightDecay), scaleByMadgrad({ learningRate, ...rest }));
}
