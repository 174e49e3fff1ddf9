import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/** Options of {@link scaleByShape}. */
export interface ScaleByShapeOptions {
  /**
   * Gives orthogonal updates this root mean square in place of the default factor: 0.2 makes them as
   * large as Adam's. Default: undefined.
   */
  readonly consistentRms?: Hyperparameter | undefined;
}

/**
 * Scales the update of a kernel [inputs, units] by its shape: u = √max(1, units / inputs) · g, so that
 * one learning rate does for all widths; or u = r √max(inputs, units) · g with `consistentRms` r.
 *
 * References: Jordan et al., 2024, https://kellerjordan.github.io/posts/muon; for `consistentRms` Liu
 * et al., 2025, https://arxiv.org/abs/2502.16982.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByMuon, scaleByShape } from "@layerwise/optim";
 *
 * const moonlight = chain(
 *   scaleByMuon(),
 *   scaleByShape({ consistentRms: 0.2 }),
 *   scaleByLearningRate(1e-3),
 * );
 * ```
 */
export function scaleByShape({
  consistentRms,
}: ScaleByShapeOptions = {}): GradientTransformation<EmptyState> {
  if (consistentRms !== undefined) checkRange("scaleByShape: consistentRms", consistentRms, 0);
  const scaled = (g: Tensor): Tensor => {
    const [inputs, units] = g.shape;
    if (inputs === undefined || units === undefined || g.rank !== 2) {
      throw new Error(`scaleByShape: expected matrices, got shape [${g.shape}]`);
    }
    if (consistentRms === undefined) return times(g, Math.sqrt(Math.max(1, units / inputs)));
    return times(times(g, Math.sqrt(Math.max(inputs, units))), consistentRms);
  };
  return {
    init: () => null,
    update: (grads, state) => treeTidy(() => ({ updates: mapTensors(scaled, grads), state })),
  };
}
