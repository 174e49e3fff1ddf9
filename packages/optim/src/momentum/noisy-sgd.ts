import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { AddNoiseOptions, AddNoiseState } from "./add-noise.ts";
import { addNoise } from "./add-noise.ts";

/** Options of {@link noisySgd}. */
export interface NoisySgdOptions extends AddNoiseOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * Gradient descent with gradient noise: θ ← θ − η (g + noise).
 *
 * Reference: Neelakantan et al., 2015, https://arxiv.org/abs/1511.06807; see {@link addNoise}.
 *
 * @example
 * ```ts
 * import { noisySgd } from "@layerwise/optim";
 *
 * const optimizer = noisySgd({ learningRate: 0.1, eta: 0.01, gamma: 0.55, seed: 0 });
 * ```
 */
export function noisySgd(
  options: NoisySgdOptions,
): GradientTransformation<readonly [AddNoiseState, LearningRateState]> {
  const { learningRate }: Partial<NoisySgdOptions> = options ?? {};
  checkLearningRate("noisySgd", learningRate);
  return chain(addNoise(options), scaleByLearningRate(learningRate));
}
