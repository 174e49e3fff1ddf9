import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain, identity } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { TraceState } from "../momentum/trace.ts";
import { trace } from "../momentum/trace.ts";
import type { ScaleByShampooOptions, ScaleByShampooState } from "./scale-by-shampoo.ts";
import { scaleByShampoo } from "./scale-by-shampoo.ts";

/** Options of {@link shampoo}. */
export interface ShampooOptions extends ScaleByShampooOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay of the momentum sum of preconditioned gradients. Default: no momentum. */
  readonly momentum?: Hyperparameter | undefined;
}

/**
 * Shampoo: AdaGrad with a matrix for each axis, W ← W − η L^(−1/4) G R^(−1/4);
 * see {@link scaleByShampoo}.
 *
 * Reference: Gupta, Koren and Singer, 2018, https://arxiv.org/abs/1802.09568.
 *
 * @example
 * ```ts
 * import { shampoo } from "@layerwise/optim";
 *
 * const optimizer = shampoo({ learningRate: 0.1, momentum: 0.9 });
 * ```
 */
export function shampoo(
  options: ShampooOptions,
): GradientTransformation<
  readonly [ScaleByShampooState, EmptyState | TraceState, LearningRateState]
> {
  const { learningRate, momentum, ...rest }: Partial<ShampooOptions> = options ?? {};
  checkLearningRate("shampoo", learningRate);
  if (momentum !== undefined) checkRange("shampoo: momentum", momentum, 0, 1);
  return chain(
    scaleByShampoo(rest),
    momentum === undefined ? identity() : trace({ decay: momentum }),
    scaleByLearningRate(learningRate),
  );
}
