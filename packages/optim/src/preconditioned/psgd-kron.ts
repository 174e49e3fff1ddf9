import { clipByBlockRms } from "../clipping/clip-by-block-rms.ts";
import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { type EmaState, ema } from "../momentum/ema.ts";
import type { ScaleByPsgdKronOptions, ScaleByPsgdKronState } from "./scale-by-psgd-kron.ts";
import { scaleByPsgdKron } from "./scale-by-psgd-kron.ts";

/** Options of {@link psgdKron}. */
export interface PsgdKronOptions extends ScaleByPsgdKronOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Decay of the average gradient that is whitened. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** The largest root mean square of a tensor's whitened gradient. Default 1.1. */
  readonly maxRms?: Hyperparameter | undefined;
  /** The decay λ, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * PSGD with a Kronecker-factored whitening preconditioner of the average gradient:
 * θ ← θ − η (clip(P m̂) + λ θ); see {@link scaleByPsgdKron}.
 *
 * Steps are about as large as Adam's. References: Li, 2018, https://arxiv.org/abs/1512.04202; Li,
 * 2024, https://arxiv.org/abs/2402.11858; the order of parts is that of kron_torch.
 *
 * @example
 * ```ts
 * import { psgdKron } from "@layerwise/optim";
 *
 * const optimizer = psgdKron({ learningRate: 1e-3 });
 * ```
 */
export function psgdKron(
  options: PsgdKronOptions,
): GradientTransformation<
  readonly [EmaState, ScaleByPsgdKronState, EmptyState, EmptyState, LearningRateState]
> {
  const {
    learningRate,
    b1 = 0.9,
    maxRms = 1.1,
    weightDecay = 0,
    ...rest
  }: Partial<PsgdKronOptions> = options ?? {};
  checkLearningRate("psgdKron", learningRate);
  checkRange("psgdKron: b1", b1, 0, 1);
  return chain(
    ema({ decay: b1 }),
    scaleByPsgdKron(rest),
    clipByBlockRms(maxRms),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
