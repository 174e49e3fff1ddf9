import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByAcpropOptions } from "./scale-by-acprop.ts";
import { scaleByAcprop } from "./scale-by-acprop.ts";

/** Options of {@link acprop}. */
export interface AcpropOptions extends ScaleByAcpropOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of decoupled weight decay, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * ACProp: θₜ ← θₜ₋₁ − η (gₜ / (√ŝₜ₋₁ + eps) + λ θₜ₋₁), with s the average squared distance of g from its average.
 *
 * Reference: Zhuang et al., 2021, https://arxiv.org/abs/2110.05454.
 *
 * @example
 * ```ts
 * import { acprop } from "@layerwise/optim";
 *
 * const optimizer = acprop({ learningRate: 1e-3 });
 * ```
 */
export function acprop(
  options: AcpropOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<AcpropOptions> = options ?? {};
  checkLearningRate("acprop", learningRate);
  return chain(
    scaleByAcprop(rest),
    decayUnlessZero(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
