import { clipByBlockRms } from "../clipping/clip-by-block-rms.ts";
import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain, identity } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scale, scaleBySchedule } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { scaleByParamBlockRms } from "../layerwise/scale-by-param-block.ts";
import { type EmaState, ema } from "../momentum/ema.ts";
import type { Mask } from "../wrappers/masked.ts";
import { masked } from "../wrappers/masked.ts";
import type {
  ScaleByFactoredRmsOptions,
  ScaleByFactoredRmsState,
} from "./scale-by-factored-rms.ts";
import { scaleByFactoredRms } from "./scale-by-factored-rms.ts";

/** Options of {@link adafactor}. */
export interface AdafactorOptions extends ScaleByFactoredRmsOptions {
  /** The step size, a number or a schedule; relative to the parameters by default. */
  readonly learningRate: LearningRate;
  /** Whether steps are multiplied by max(RMS(θ), 1e-3) of their tensor. Default true. */
  readonly multiplyByParameterScale?: boolean | undefined;
  /** The largest root mean square of a tensor's direction; null for no clipping. Default 1. */
  readonly clippingThreshold?: Hyperparameter | null | undefined;
  /** The decay of an average of steps. Default: no momentum. */
  readonly momentum?: Hyperparameter | undefined;
  /** The decay λ, not multiplied by the learning rate. Default 0. */
  readonly weightDecayRate?: Hyperparameter | undefined;
  /** Which parameters decay. Default: all. */
  readonly weightDecayMask?: Mask | undefined;
}

/** The state of {@link adafactor}. */
export type AdafactorState = readonly [
  ScaleByFactoredRmsState,
  EmptyState,
  LearningRateState,
  EmptyState,
  EmptyState | EmaState,
  EmptyState,
  EmptyState,
];

/**
 * Adafactor: Adam without momentum whose second moment is kept by rows and columns, with clipped steps
 * relative to the size of the parameters.
 *
 * u = g / √(R C / mean(R)); u ← u / max(1, RMS(u) / d); θ ← θ − η max(RMS(θ), 1e-3) u − λ θ.
 *
 * No two libraries agree; this is optax's: matrices are factored from `minDimSizeToFactor` 128 on, the
 * learning rate is the caller's, decay is not multiplied by it. The paper's relative step, which Keras
 * and PyTorch have built in, is the schedule of the example.
 * Reference: Shazeer and Stern, 2018, https://arxiv.org/abs/1804.04235, algorithm 5.
 *
 * @example
 * ```ts
 * import { adafactor, type Schedule } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const relativeStep: Schedule = (count) =>
 *   tf.minimum(1e-2, tf.rsqrt(tf.add(tf.cast(count, "float32"), 1)));
 * const optimizer = adafactor({ learningRate: relativeStep, minDimSizeToFactor: 32 });
 * ```
 */
export function adafactor(options: AdafactorOptions): GradientTransformation<AdafactorState> {
  const {
    learningRate,
    multiplyByParameterScale = true,
    clippingThreshold = 1,
    momentum,
    weightDecayRate = 0,
    weightDecayMask = true,
    ...rest
  }: Partial<AdafactorOptions> = options ?? {};
  checkLearningRate("adafactor", learningRate);
  if (momentum !== undefined) checkRange("adafactor: momentum", momentum, 0, 1);
  return chain(
    scaleByFactoredRms(rest),
    clippingThreshold === null ? identity() : clipByBlockRms(clippingThreshold),
    // Upwards until the last line, as decay must not be multiplied by the learning rate.
    typeof learningRate === "function" ? scaleBySchedule(learningRate) : scale(learningRate),
    multiplyByParameterScale ? scaleByParamBlockRms() : identity(),
    momentum === undefined ? identity() : ema({ decay: momentum, debias: false }),
    masked(addDecayedWeights(weightDecayRate), weightDecayMask),
    scale(-1),
  );
}
