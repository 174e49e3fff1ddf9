import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleBySm3State } from "./scale-by-sm3.ts";
import { scaleBySm3 } from "./scale-by-sm3.ts";

/** Options of {@link sm3}. */
export interface Sm3Options {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Decay of the average of updates. Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
}

/**
 * SM3: AdaGrad with one accumulator per row and per column; see {@link scaleBySm3}.
 *
 * Reference: Anil et al., 2019, https://arxiv.org/abs/1901.11150.
 *
 * @example
 * ```ts
 * import { sm3 } from "@layerwise/optim";
 *
 * const optimizer = sm3({ learningRate: 0.1 });
 * ```
 */
export function sm3(
  options: Sm3Options,
): GradientTransformation<readonly [ScaleBySm3State, LearningRateState]> {
  const { learningRate, momentum = 0.9 }: Partial<Sm3Options> = options ?? {};
  checkLearningRate("sm3", learningRate);
  checkRange("sm3: momentum", momentum, 0, 1);
  return chain(scaleBySm3({ b1: momentum }), scaleByLearningRate(learningRate));
}
