import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleBySoapOptions, ScaleBySoapState } from "./scale-by-soap.ts";
import { scaleBySoap } from "./scale-by-soap.ts";

/** Options of {@link soap}. */
export interface SoapOptions extends ScaleBySoapOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * SOAP: AdamW in the eigenbasis of Shampoo's statistics; see {@link scaleBySoap}.
 *
 * Reference: Vyas et al., 2024, https://arxiv.org/abs/2409.11321.
 *
 * @example
 * ```ts
 * import { soap } from "@layerwise/optim";
 *
 * const optimizer = soap({ learningRate: 3e-3, weightDecay: 1e-2 });
 * ```
 */
export function soap(
  options: SoapOptions,
): GradientTransformation<readonly [ScaleBySoapState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<SoapOptions> = options ?? {};
  checkLearningRate("soap", learningRate);
  return chain(
    scaleBySoap(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
