import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ScaleByRadamOptions } from "./scale-by-radam.ts";
import { scaleByRadam } from "./scale-by-radam.ts";

/** Options of {@link radam}. */
export interface RadamOptions extends ScaleByRadamOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * Rectified Adam: θ ← θ − η r m̂ / (√v̂ + eps), or θ − η m̂ in the first steps.
 *
 * Needs no warm-up: as long as the second moment is uncertain the rule is SGD with momentum, then the step
 * grows with r → 1. Without options optax's; PyTorch's with `{ epsHat: true }`.
 * Reference: Liu et al., 2020, https://arxiv.org/abs/1908.03265.
 *
 * @example
 * ```ts
 * import { radam } from "@layerwise/optim";
 *
 * const optimizer = radam({ learningRate: 1e-3 });
 * ```
 */
export function radam(
  options: RadamOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<RadamOptions> = options ?? {};
  checkLearningRate("radam", learningRate);
  return chain(scaleByRadam(rest), scaleByLearningRate(learningRate));
}
