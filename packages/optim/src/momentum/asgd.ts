import { exp, log1p, mul, neg, tidy } from "@tensorflow/tfjs-core";
import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import { type LearningRate, learningRateAt, type Schedule } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { AverageIteratesState } from "./average-iterates.ts";
import { averageIterates } from "./average-iterates.ts";

/** Options of {@link asgd}. */
export interface AsgdOptions {
  /** The first step size η₀, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of the parameters and of the step size. Default 1e-4. */
  readonly lambd?: Hyperparameter | undefined;
  /** The power α of the decay of the step size. Default 0.75. */
  readonly alpha?: Hyperparameter | undefined;
  /** The number t₀ of updates after which averaging starts. Default 1e6. */
  readonly t0?: Hyperparameter | undefined;
}

/**
 * Averaged stochastic gradient descent: θ ← θ − ηₜ (g + λ θ), ηₜ = η₀ / (1 + λ η₀ t)^α, with t = 0
 * at the first update, and a ← a + (θ − a) / max(1, t − t₀).
 *
 * The defaults are PyTorch's, whose rule this is. `t0: 0` averages from the start. The result of the
 * optimization is `averagedParams(state, params)`.
 * References: Polyak and Juditsky, 1992, https://doi.org/10.1137/0330046; Bottou, 2012,
 * https://doi.org/10.1007/978-3-642-35289-8_25, section 5.
 *
 * @example
 * ```ts
 * import { asgd } from "@layerwise/optim";
 *
 * const optimizer = asgd({ learningRate: 0.01, t0: 1000 });
 * ```
 */
export function asgd(
  options: AsgdOptions,
): GradientTransformation<readonly [EmptyState, LearningRateState, AverageIteratesState]> {
  const {
    learningRate,
    lambd = 1e-4,
    alpha = 0.75,
    t0 = 1e6,
  }: Partial<AsgdOptions> = options ?? {};
  checkLearningRate("asgd", learningRate);
  checkRange("asgd: lambd", lambd, 0);
  checkRange("asgd: alpha", alpha, 0);
  const decaying: Schedule = (count) =>
    tidy(() => {
      const first = learningRateAt(learningRate, count);
      const growth = log1p(mul(mul(first, tensorOf(lambd)), count));
      return mul(first, exp(neg(mul(tensorOf(alpha), growth))));
    });
  return chain(addDecayedWeights(lambd), scaleByLearningRate(decaying), averageIterates({ t0 }));
}
