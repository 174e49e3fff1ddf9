import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  exp,
  expm1,
  log1p,
  mul,
  neg,
  scalar,
  sub,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, decayPower, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averageOf, averageOfSquares, checkMoments, rootOf, zeroMoments } from "./moments.ts";
import type { ScaleByAdamOptions } from "./scale-by-adam.ts";

/** The state of {@link scaleByNadam}. */
export type ScaleByNadamState = {
  readonly count: Scalar;
  /** ln ∏ (μᵢ / β₁), the logarithm of what the schedule has taken off the momentum so far. */
  readonly logMomentum: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients. */
  readonly nu: TensorTree;
};

/** Options of {@link scaleByNadam}. */
export interface ScaleByNadamOptions extends Omit<ScaleByAdamOptions, "nesterov"> {
  /**
   * How fast the momentum μₜ = β₁ (1 − ½ · 0.96^(ψ t)) grows to β₁: ψ ≥ 0. Default `Infinity`: μₜ = β₁ from
   * the start, as in optax. PyTorch: 0.004. Keras: 1.
   */
  readonly momentumDecay?: Hyperparameter | undefined;
}

/**
 * Adam with Nesterov's momentum and a schedule that warms the momentum up.
 *
 * μₜ = β₁ (1 − ½ · 0.96^(ψ t)), Πₜ = μ₁ ⋯ μₜ, m and v as in Adam,
 * u = ((1 − μₜ) g / (1 − Πₜ) + μₜ₊₁ m / (1 − Πₜ₊₁)) / (√(v̂ + epsRoot) + eps).
 *
 * One formula for three libraries: ψ = `momentumDecay` is ∞ in optax (which is
 * `scaleByAdam({ nesterov: true })`), 0.004 in PyTorch and 1 in Keras.
 * Reference: Dozat, 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByNadam } from "@layerwise/optim";
 *
 * const torch = chain(scaleByNadam({ momentumDecay: 0.004 }), scaleByLearningRate(2e-3));
 * ```
 */
export function scaleByNadam({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  epsHat = false,
  momentumDecay = Infinity,
}: ScaleByNadamOptions = {}): GradientTransformation<ScaleByNadamState> {
  checkMoments("scaleByNadam", { b1, b2, eps, epsRoot });
  if (momentumDecay !== Infinity) checkRange("scaleByNadam: momentumDecay", momentumDecay, 0);

  /** ½ · 0.96^(ψ t), the share of β₁ that is still missing. */
  const missing = (count: Tensor): Tensor => {
    const steps = cast(count, "float32");
    if (momentumDecay === Infinity) return zerosLike(steps);
    return times(exp(mul(steps, times(tensorOf(momentumDecay), Math.log(0.96)))), 0.5);
  };
  /** 1 − Π = (1 − β₁ᵗ) + β₁ᵗ (1 − Π / β₁ᵗ): a sum of positive numbers, which 1 − Π is not. */
  const correction = (count: Tensor, logMomentum: Tensor): Tensor =>
    add(biasCorrection(b1, count), mul(decayPower(b1, count), neg(expm1(logMomentum))));

  return {
    init: (params) => ({ ...zeroMoments(params), logMomentum: scalar(0) }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const [now, next] = [missing(count), missing(nextCount(count))];
        const logMomentum = add<Scalar>(state.logMomentum, log1p(neg(now)));
        const momentum = (share: Tensor): Tensor => times(sub(constant(1), share), b1);
        const ofGradient = div(sub(constant(1), momentum(now)), correction(count, logMomentum));
        const ofMean = div(
          momentum(next),
          correction(nextCount(count), add(logMomentum, log1p(neg(next)))),
        );
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (g, m, v) =>
            div(add(mul(g, ofGradient), mul(m, ofMean)), rootOf(v, { eps, epsRoot, epsHat }, c2)),
          grads,
          mu,
          nu,
        );
        return { updates, state: { count, logMomentum, mu, nu } };
      }),
  };
}
