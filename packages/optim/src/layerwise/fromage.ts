import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState, ScheduleState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { scaleByTrustRatio } from "./scale-by-trust-ratio.ts";
import { undoNormGrowth } from "./undo-norm-growth.ts";

/** Options of {@link fromage}. */
export interface FromageOptions {
  /** The step size relative to the parameters, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Norms below it count as it. Default 1e-6. */
  readonly minNorm?: Hyperparameter | undefined;
}

/**
 * Fromage: steps in proportion to the parameters, tensor by tensor, that do not make them grow.
 *
 * θ ← (θ − η ‖θ‖ / ‖g‖ · g) / √(1 + η²).
 *
 * The relative change of each tensor is η at every step, so converge by a schedule. Parameters shrink
 * even where the gradient is zero. Reference: Bernstein et al., 2020,
 * https://arxiv.org/abs/2002.03432, algorithm 1; norms are bounded below by `minNorm` as in optax,
 * where the authors take a ratio of 1 when one is zero.
 *
 * @example
 * ```ts
 * import { fromage } from "@layerwise/optim";
 *
 * const optimizer = fromage({ learningRate: 0.01 });
 * ```
 */
export function fromage(
  options: FromageOptions,
): GradientTransformation<readonly [EmptyState, LearningRateState, ScheduleState]> {
  const { learningRate, minNorm = 1e-6 }: Partial<FromageOptions> = options ?? {};
  checkLearningRate("fromage", learningRate);
  return chain(
    scaleByTrustRatio({ minNorm }),
    scaleByLearningRate(learningRate),
    undoNormGrowth(learningRate),
  );
}
