import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { clone, div, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link ema}. */
export type EmaState = {
  /** The number of updates made; only counted where the average is debiased. */
  readonly count: Scalar | null;
  /** The moving average of gradients, before bias correction. */
  readonly ema: TensorTree;
};

/** Options of {@link ema}. */
export interface EmaOptions {
  /** The decay λ of the average, in [0, 1). */
  readonly decay: Hyperparameter;
  /** Divide by 1 − λᵗ, the weight gathered so far. Default true. */
  readonly debias?: boolean | undefined;
}

/**
 * Replaces gradients by their exponential moving average: mₜ = λ mₜ₋₁ + (1 − λ) gₜ,
 * u = m / (1 − λᵗ), or m without bias correction.
 *
 * An average where {@link trace} is a sum: without bias correction it is the trace times 1 − λ.
 *
 * @example
 * ```ts
 * import { chain, ema, scaleByLearningRate } from "@layerwise/optim";
 *
 * const smoothed = chain(ema({ decay: 0.9 }), scaleByLearningRate(0.1));
 * ```
 */
export function ema({ decay, debias = true }: EmaOptions): GradientTransformation<EmaState> {
  checkRange("ema: decay", decay, 0, 1);
  return {
    init: (params) => ({
      count: debias ? zeroCount() : null,
      ema: mapTensors(zerosLike, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = state.count && nextCount(state.count);
        const average = mapTensors((g, m) => movingAverage(decay, m, g), grads, state.ema);
        const weight = count && biasCorrection(decay, count);
        const updates = mapTensors((m) => (weight ? div(m, weight) : clone(m)), average);
        return { updates, state: { count, ema: average } };
      }),
  };
}
