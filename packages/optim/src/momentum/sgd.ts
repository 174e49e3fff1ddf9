import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain, identity } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { TraceState } from "./trace.ts";
import { trace } from "./trace.ts";

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay of the momentum sum, in [0, 1). Default: no momentum. */
  readonly momentum?: Hyperparameter | undefined;
  /** Use Nesterov's momentum. Needs `momentum`. Default false. */
  readonly nesterov?: boolean | undefined;
  /** The part of every gradient but the first that stays out of the sum. Needs `momentum`. Default 0. */
  readonly dampening?: Hyperparameter | undefined;
}

/**
 * Stochastic gradient descent, with momentum if asked for: θ ← θ − η t, tₜ = gₜ + μ tₜ₋₁.
 *
 * The rule of optax and PyTorch, with the learning rate outside the sum. {@link heavyBall} has it
 * inside, as Keras does; {@link emaMomentum} averages instead of adding.
 *
 * @example
 * ```ts
 * import { sgd } from "@layerwise/optim";
 *
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true });
 * ```
 */
export function sgd(
  options: SgdOptions,
): GradientTransformation<readonly [EmptyState | TraceState, LearningRateState]> {
  const {
    learningRate,
    momentum,
    nesterov = false,
    dampening = 0,
  }: Partial<SgdOptions> = options ?? {};
  checkLearningRate("sgd", learningRate);
  if (momentum !== undefined) checkRange("sgd: momentum", momentum, 0, 1);
  if (nesterov && momentum === undefined) {
    throw new Error("sgd: momentum: expected a number with nesterov, got undefined");
  }
  if (dampening !== 0 && momentum === undefined) {
    throw new Error("sgd: momentum: expected a number with dampening, got undefined");
  }
  return chain(
    momentum === undefined ? identity() : trace({ decay: momentum, nesterov, dampening }),
    scaleByLearningRate(learningRate),
  );
}
