import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { scale } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdaboundOptions, ScaleByAdaboundState } from "./scale-by-adabound.ts";
import { scaleByAdabound } from "./scale-by-adabound.ts";

/**
 * AdaBound: θ ← θ − clip(η_Adam, η∞ (1 − 1/(γ t + 1)), η∞ (1 + 1/(γ t))) · m, from Adam to SGD with momentum.
 *
 * With `amsbound` the second moment never falls. Reference: Luo et al., 2019,
 * https://arxiv.org/abs/1902.09843.
 *
 * @example
 * ```ts
 * import { adaBound } from "@layerwise/optim";
 *
 * const optimizer = adaBound({ learningRate: 1e-3, finalLearningRate: 0.1 });
 * ```
 */
export function adaBound(
  options: ScaleByAdaboundOptions,
): GradientTransformation<readonly [ScaleByAdaboundState, EmptyState]> {
  checkLearningRate("adaBound", options?.learningRate);
  return chain(scaleByAdabound(options), scale(-1));
}
