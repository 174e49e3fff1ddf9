import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain, identity } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { type TraceState, trace } from "../momentum/trace.ts";
import type { ScaleByRmsOptions, ScaleByRmsState } from "./scale-by-rms.ts";
import { scaleByRms } from "./scale-by-rms.ts";
import { type ScaleByStddevState, scaleByStddev } from "./scale-by-stddev.ts";

/** The state of {@link rmsProp}: the momentum comes last, or second with the learning rate outside. */
export type RmsPropState =
  | readonly [ScaleByRmsState | ScaleByStddevState, LearningRateState, TraceState | EmptyState]
  | readonly [ScaleByRmsState | ScaleByStddevState, TraceState | EmptyState, LearningRateState];

/** Options of {@link rmsProp}. */
export interface RmsPropOptions extends ScaleByRmsOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Subtract the squared average gradient from the average square. Default false. */
  readonly centered?: boolean | undefined;
  /** The decay μ of the momentum sum, in [0, 1). Default: no momentum. */
  readonly momentum?: Hyperparameter | undefined;
  /** Use Nesterov's momentum. Needs `momentum`. Default false. */
  readonly nesterov?: boolean | undefined;
  /** Whether the learning rate is inside the momentum sum. Default true. */
  readonly learningRateInVelocity?: boolean | undefined;
}

/**
 * RMSProp: r ← ρ r + (1 − ρ) g², θ ← θ − η g / √(r + eps).
 *
 * `centered` divides by the standard deviation instead. With momentum v ← μ v − η g / √(r + eps),
 * θ ← θ + v, as in optax, Keras and TensorFlow; PyTorch has η outside (`learningRateInVelocity: false`),
 * which differs when η changes. For eps and defaults see {@link scaleByRms}; the lecture's δ = 1e-6 is
 * eps, under the root.
 * Reference: Hinton, 2012, lecture 6e,
 * https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf.
 *
 * @example
 * ```ts
 * import { rmsProp } from "@layerwise/optim";
 *
 * const optimizer = rmsProp({ learningRate: 1e-3, momentum: 0.9 });
 * const pyTorch = rmsProp({
 *   learningRate: 0.01,
 *   decay: 0.99,
 *   epsInSqrt: false,
 *   momentum: 0.9,
 *   learningRateInVelocity: false,
 * });
 * ```
 */
export function rmsProp(options: RmsPropOptions): GradientTransformation<RmsPropState> {
  const {
    learningRate,
    centered = false,
    momentum,
    nesterov = false,
    learningRateInVelocity = true,
    ...rest
  }: Partial<RmsPropOptions> = options ?? {};
  checkLearningRate("rmsProp", learningRate);
  if (momentum !== undefined) checkRange("rmsProp: momentum", momentum, 0, 1);
  if (nesterov && momentum === undefined) {
    throw new Error("rmsProp: momentum: expected a number with nesterov, got undefined");
  }
  const scaled = centered ? scaleByStddev(rest) : scaleByRms(rest);
  const velocity = momentum === undefined ? identity() : trace({ decay: momentum, nesterov });
  const stepped = scaleByLearningRate(learningRate);
  return learningRateInVelocity
    ? chain(scaled, stepped, velocity)
    : chain(scaled, velocity, stepped);
}
