import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByNovogradOptions, ScaleByNovogradState } from "./scale-by-novograd.ts";
import { scaleByNovograd } from "./scale-by-novograd.ts";

/** Options of {@link novograd}. */
export interface NovogradOptions extends ScaleByNovogradOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * NovoGrad: θ ← θ − η m, where m sums gradients divided by a moving average of their tensor's norm.
 *
 * One second moment per tensor instead of one per parameter. Reference: Ginsburg et al., 2019,
 * https://arxiv.org/abs/1905.11286; see {@link scaleByNovograd}.
 *
 * @example
 * ```ts
 * import { novograd } from "@layerwise/optim";
 *
 * const optimizer = novograd({ learningRate: 0.01, weightDecay: 1e-3 });
 * ```
 */
export function novograd(
  options: NovogradOptions,
): GradientTransformation<readonly [ScaleByNovogradState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<NovogradOptions> = options ?? {};
  checkLearningRate("novograd", learningRate);
  return chain(scaleByNovograd(rest), scaleByLearningRate(learningRate));
}
