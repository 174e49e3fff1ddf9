import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdanOptions, ScaleByAdanState } from "./scale-by-adan.ts";
import { scaleByAdan } from "./scale-by-adan.ts";

/** Options of {@link adan}. */
export interface AdanOptions extends ScaleByAdanOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of decoupled weight decay, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * Adan: θ ← θ − η ((m̂ + β₂ v̂) / (√n̂ + eps) + λ θ), with v the average difference of successive gradients.
 *
 * The authors divide by 1 + η λ instead of subtracting η λ θ, nearly the same. optax's `adan` is
 * `{ ahead: 1 - b2, epsRoot: 1e-8 }`. Reference: Xie et al., 2022, https://arxiv.org/abs/2208.06677.
 *
 * @example
 * ```ts
 * import { adan } from "@layerwise/optim";
 *
 * const optimizer = adan({ learningRate: 1e-2 });
 * ```
 */
export function adan(
  options: AdanOptions,
): GradientTransformation<readonly [ScaleByAdanState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<AdanOptions> = options ?? {};
  checkLearningRate("adan", learningRate);
  return chain(scaleByAdan(rest), decayUnlessZero(weightDecay), scaleByLearningRate(learningRate));
}
