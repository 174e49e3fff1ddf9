import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { TraceState } from "../momentum/trace.ts";
import { trace } from "../momentum/trace.ts";
import type { Mask } from "../wrappers/masked.ts";
import { masked } from "../wrappers/masked.ts";
import { scaleByTrustRatio } from "./scale-by-trust-ratio.ts";

/** Options of {@link lars}. */
export interface LarsOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ, inside the trust ratio. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
  /** Which parameters decay. Default: all. */
  readonly weightDecayMask?: Mask | undefined;
  /** Which parameters the trust ratio is for; often all but vectors. Default: all. */
  readonly trustRatioMask?: Mask | undefined;
  /** The factor of the trust ratio. Default 1e-3. */
  readonly trustCoefficient?: Hyperparameter | undefined;
  /** Added to the norm of the update. Default 0. */
  readonly eps?: Hyperparameter | undefined;
  /** The decay of the momentum sum. Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
  /** Use Nesterov's momentum. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * LARS: momentum on gradients that are rescaled tensor by tensor to the size of the parameters.
 *
 * r = g + λ θ; t ← μ t + η c ‖θ‖ / ‖r‖ · r; θ ← θ − t, with ratio 1 where either norm is 0.
 *
 * The learning rate is inside the momentum sum, as in the paper and optax: a schedule acts on new
 * terms only. Reference: You, Gitman and Ginsburg, 2017, https://arxiv.org/abs/1708.03888.
 *
 * @example
 * ```ts
 * import { decayMask, lars } from "@layerwise/optim";
 *
 * const optimizer = lars({ learningRate: 1, weightDecay: 1e-4, trustRatioMask: decayMask });
 * ```
 */
export function lars(
  options: LarsOptions,
): GradientTransformation<readonly [EmptyState, EmptyState, LearningRateState, TraceState]> {
  const {
    learningRate,
    weightDecay = 0,
    weightDecayMask = true,
    trustRatioMask = true,
    trustCoefficient = 1e-3,
    eps = 0,
    momentum = 0.9,
    nesterov = false,
  }: Partial<LarsOptions> = options ?? {};
  checkLearningRate("lars", learningRate);
  checkRange("lars: momentum", momentum, 0, 1);
  return chain(
    masked(addDecayedWeights(weightDecay), weightDecayMask),
    masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask),
    scaleByLearningRate(learningRate),
    trace({ decay: momentum, nesterov }),
  );
}
