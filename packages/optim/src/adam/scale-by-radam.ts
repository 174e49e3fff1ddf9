import { constant, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { div, greaterEqual, mul, sqrt, tidy, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf } from "../core/arithmetic.ts";
import { checkFinite } from "../core/check.ts";
import { biasCorrection, nextCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averagingLength, averagingLimit } from "./averaging-length.ts";
import {
  averageOf,
  averageOfSquares,
  checkMoments,
  correctedMean,
  rootOf,
  type ScaleByAdamState,
  zeroMoments,
} from "./moments.ts";
import type { ScaleByAdamOptions } from "./scale-by-adam.ts";

/** Options of {@link scaleByRadam}. */
export interface ScaleByRadamOptions extends ScaleByAdamOptions {
  /** The length ρₜ from which on the second moment is trusted. Default 5. */
  readonly threshold?: Hyperparameter | undefined;
}

/**
 * Adam that waits with dividing by the second moment until it knows it, and then rectifies its variance.
 *
 * m̂ and v̂ as in Adam, ρ∞ = 2 / (1 − β₂) − 1, ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ),
 * r = √((ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ)),
 * u = r m̂ / (√(v̂ + epsRoot) + eps) where ρₜ ≥ `threshold`, else m̂.
 *
 * As in optax. PyTorch rectifies where ρₜ > 5 (no float is equal to 5 there in practice) and adds `eps`
 * before the correction: `{ epsHat: true }`. ρₜ is computed without cancellation, for a million steps and
 * more. Reference: Liu et al., 2020, https://arxiv.org/abs/1908.03265, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByRadam } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByRadam(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByRadam({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  epsHat = false,
  nesterov = false,
  threshold = 5,
}: ScaleByRadamOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByRadam", { b1, b2, eps, epsRoot });
  checkFinite("scaleByRadam: threshold", threshold);
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = averageOf(b1, state.mu, grads);
        const nu = averageOfSquares(b2, state.nu, grads);
        const length = averagingLength(b2, count);
        const trusted = greaterEqual(length, tensorOf(threshold));
        const r = rectification(where(trusted, length, constant(5)), averagingLimit(b2));
        const mean = correctedMean(b1, count, nesterov);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors(
          (m, v, g) => {
            const step = mean(m, g);
            const root = rootOf(v, { eps, epsRoot, epsHat }, c2);
            return where(trusted, mul(r, div(step, root)), step);
          },
          mu,
          nu,
          grads,
        );
        return { updates, state: { count, mu, nu } };
      }),
  };
}

/** √(f(ρ) / f(ρ∞)) with f(ρ) = (ρ − 4) (ρ − 2) / ρ. */
function rectification(length: Tensor, limit: Tensor): Tensor {
  const f = (x: Tensor): Tensor => div(mul(plus(x, -4), plus(x, -2)), x);
  return tidy(() => sqrt(div(f(length), f(limit))));
}
