import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { type LearningRateState, scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByDogOptions, ScaleByDogState } from "./scale-by-dog.ts";
import { scaleByDog } from "./scale-by-dog.ts";
import type { ScaleByDowgOptions, ScaleByDowgState } from "./scale-by-dowg.ts";
import { scaleByDowg } from "./scale-by-dowg.ts";

interface Common {
  /** Factor of the step, a number or a schedule. Default 1. */
  readonly learningRate?: LearningRate | undefined;
  /** The penalty λ, added to the gradients as λ θ. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/** Options of {@link dog}. */
export interface DogOptions extends ScaleByDogOptions, Common {}

/** Options of {@link dowg}. */
export interface DowgOptions extends ScaleByDowgOptions, Common {}

/**
 * DoG: gradient descent whose step size is the distance travelled over the root of the summed
 * squared gradient norms, θ ← θ − η r̄ / √(G + eps) g.
 *
 * The authors evaluate a running average of the parameters. Reference: Ivgi et al., 2023,
 * https://arxiv.org/abs/2302.12022.
 *
 * @example
 * ```ts
 * import { dog } from "@layerwise/optim";
 *
 * const optimizer = dog();
 * ```
 */
export function dog(
  options: DogOptions = {},
): GradientTransformation<readonly [EmptyState, ScaleByDogState, LearningRateState]> {
  const { learningRate = 1, weightDecay = 0, ...rest } = options;
  checkLearningRate("dog", learningRate);
  return chain(decayUnlessZero(weightDecay), scaleByDog(rest), scaleByLearningRate(learningRate));
}

/**
 * DoWG: {@link dog} whose sum weighs each gradient by the distance of its time,
 * θ ← θ − η r̄² / (√V + eps) g.
 *
 * Reference: Khaled et al., 2023, https://arxiv.org/abs/2305.16284.
 *
 * @example
 * ```ts
 * import { dowg } from "@layerwise/optim";
 *
 * const optimizer = dowg();
 * ```
 */
export function dowg(
  options: DowgOptions = {},
): GradientTransformation<readonly [EmptyState, ScaleByDowgState, LearningRateState]> {
  const { learningRate = 1, weightDecay = 0, ...rest } = options;
  checkLearningRate("dowg", learningRate);
  return chain(decayUnlessZero(weightDecay), scaleByDowg(rest), scaleByLearningRate(learningRate));
}
