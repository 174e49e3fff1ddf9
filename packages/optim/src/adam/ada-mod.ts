import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { scale } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamodOptions, ScaleByAdamodState } from "./scale-by-adamod.ts";
import { scaleByAdamod } from "./scale-by-adamod.ts";

/**
 * AdaMod: Adam with step sizes of at most their moving average, θ ← θ − min(η̂, s) · m.
 *
 * Reference: Ding et al., 2019, https://arxiv.org/abs/1910.12249.
 *
 * @example
 * ```ts
 * import { adaMod } from "@layerwise/optim";
 *
 * const optimizer = adaMod({ learningRate: 1e-3, b3: 0.999 });
 * ```
 */
export function adaMod(
  options: ScaleByAdamodOptions,
): GradientTransformation<readonly [ScaleByAdamodState, EmptyState]> {
  checkLearningRate("adaMod", options?.learningRate);
  return chain(scaleByAdamod(options), scale(-1));
}
