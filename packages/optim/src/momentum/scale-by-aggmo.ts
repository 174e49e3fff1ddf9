import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { add, addN, mul, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByAggmo}: a decayed sum of past gradients for each decay. */
export type ScaleByAggmoState = { readonly traces: readonly TensorTree[] };

/** Options of {@link scaleByAggmo}. */
export interface ScaleByAggmoOptions {
  /** The decays β⁽ⁱ⁾, each in [0, 1). Default 0, 0.9, 0.99. */
  readonly betas?: readonly Hyperparameter[] | undefined;
}

/**
 * Aggregated momentum: the mean of momentum sums of several decays, t⁽ⁱ⁾ ← β⁽ⁱ⁾ t⁽ⁱ⁾ + g,
 * u = (1/K) Σᵢ t⁽ⁱ⁾.
 *
 * The slow sums bring speed, the fast ones damp the oscillation.
 * Reference: Lucas et al., 2019, https://arxiv.org/abs/1804.00325.
 *
 * @example
 * ```ts
 * import { chain, scaleByAggmo, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAggmo({ betas: [0, 0.9] }), scaleByLearningRate(0.1));
 * ```
 */
export function scaleByAggmo({
  betas = [0, 0.9, 0.99],
}: ScaleByAggmoOptions = {}): GradientTransformation<ScaleByAggmoState> {
  if (betas.length === 0)
    throw new Error("scaleByAggmo: betas: expected one decay or more, got []");
  for (const beta of betas) checkRange("scaleByAggmo: betas", beta, 0, 1);
  return {
    init: (params) => ({ traces: betas.map(() => mapTensors(zerosLike, params)) }),
    update: (grads, state) =>
      treeTidy(() => {
        const traces = state.traces.map((before, i) => {
          const beta = tensorOf(betas[i] ?? 0);
          return mapTensors((g, t) => add(g, mul(beta, t)), grads, before);
        });
        const updates = mapTensors(
          (_, ...sums) => times(addN(sums), 1 / betas.length),
          grads,
          ...traces,
        );
        return { updates, state: { traces } };
      }),
  };
}
