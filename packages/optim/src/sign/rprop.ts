import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkRange } from "../core/check.ts";
import { scale } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByRpropOptions, ScaleByRpropState } from "./scale-by-rprop.ts";
import { scaleByRprop } from "./scale-by-rprop.ts";

/** Options of {@link rprop}. */
export interface RpropOptions extends Omit<ScaleByRpropOptions, "initialStepSize"> {
  /** The first step size of each number. No schedule: the rule adapts it from then on. */
  readonly learningRate: Hyperparameter;
}

/**
 * Resilient backpropagation: θ ← θ − Δ sign(g), with a step size Δ for each number that grows while
 * the sign of its gradient stays.
 *
 * References: Riedmiller and Braun, 1993, https://doi.org/10.1109/ICNN.1993.298623; see
 * {@link scaleByRprop} for the variant.
 *
 * @example
 * ```ts
 * import { rprop } from "@layerwise/optim";
 *
 * const optimizer = rprop({ learningRate: 0.01 });
 * ```
 */
export function rprop(
  options: RpropOptions,
): GradientTransformation<readonly [ScaleByRpropState, EmptyState]> {
  const { learningRate, ...rest }: Partial<RpropOptions> = options ?? {};
  checkRange("rprop: learningRate", learningRate, 0);
  return chain(scaleByRprop({ ...rest, initialStepSize: learningRate }), scale(-1));
}
