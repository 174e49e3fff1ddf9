import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { ScaleByRssOptions, ScaleByRssState } from "./scale-by-rss.ts";
import { scaleByRss } from "./scale-by-rss.ts";

/** Options of {@link adaGrad}. */
export interface AdaGradOptions extends ScaleByRssOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/**
 * AdaGrad: r ← r + g², θ ← θ − η g / √(r + eps).
 *
 * The lecture's rule, η g / (δ + √r) from r = 0, is that of PyTorch; ours are the defaults of optax and
 * Keras (see {@link scaleByRss}). PyTorch's `lr_decay` is an {@link inverseTimeDecaySchedule}.
 * Reference: Duchi et al., 2011, https://jmlr.org/papers/v12/duchi11a.html.
 *
 * @example
 * ```ts
 * import { adaGrad, inverseTimeDecaySchedule } from "@layerwise/optim";
 *
 * const optimizer = adaGrad({ learningRate: 0.1 });
 * const pyTorch = adaGrad({
 *   learningRate: inverseTimeDecaySchedule({ initValue: 0.1, rate: 0.01 }), // lr_decay=0.01
 *   initialAccumulatorValue: 0,
 *   eps: 1e-10,
 *   epsInSqrt: false,
 * });
 * ```
 */
export function adaGrad(
  options: AdaGradOptions,
): GradientTransformation<readonly [ScaleByRssState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AdaGradOptions> = options ?? {};
  checkLearningRate("adaGrad", learningRate);
  return chain(scaleByRss(rest), scaleByLearningRate(learningRate));
}
