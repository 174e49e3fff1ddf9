import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  cast,
  clone,
  div,
  equal,
  maximum,
  minimum,
  neg,
  scalar,
  sqrt,
  square,
  tidy,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, tensorOf } from "../core/arithmetic.ts";
import { nextCount } from "../core/count.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { averageOf, checkMoments, type ScaleByAdamState, zeroMoments } from "./moments.ts";

/** Options of {@link scaleByAdopt}. */
export interface ScaleByAdoptOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.9999. */
  readonly b2?: Hyperparameter | undefined;
  /** The smallest denominator. Default 1e-6. */
  readonly eps?: Hyperparameter | undefined;
  /** Largest normalized gradient after t updates, or `null` for no limit. Default t^¼. */
  readonly clipValue?: Schedule | null | undefined;
  /** Look ahead by one decayed step. Default false. */
  readonly nesterov?: boolean | undefined;
}

// Two roots are exact at 0 and 1, a power is not on every backend.
const fourthRoot: Schedule = (count: Tensor): Tensor =>
  tidy(() => sqrt(sqrt(cast(count, "float32"))));

/**
 * Adam that divides the gradient by the second moment *before* that gradient, and averages afterwards:
 * converges with any β₂.
 *
 * At the first step v = g² and nothing moves. Then n = clip(g / max(√vₜ₋₁, eps), ±t^¼), with t updates made,
 * mₜ = β₁ mₜ₋₁ + (1 − β₁) n, vₜ = β₂ vₜ₋₁ + (1 − β₂) g², u = m. Nothing is bias-corrected. As in optax.
 * Reference: Taniguchi et al., 2024, https://arxiv.org/abs/2411.02853, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, scaleByAdopt, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdopt(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByAdopt({
  b1 = 0.9,
  b2 = 0.9999,
  eps = 1e-6,
  clipValue = fourthRoot,
  nesterov = false,
}: ScaleByAdoptOptions = {}): GradientTransformation<ScaleByAdamState> {
  checkMoments("scaleByAdopt", { b1, b2, eps });
  return {
    init: zeroMoments,
    update: (grads, state) =>
      treeTidy(() => {
        const first = equal(state.count, scalar(0, "int32"));
        const limit = clipValue?.(state.count);
        const smallest = tensorOf(eps);
        const normalized = mapTensors(
          (g, v) => {
            const n = div(g, maximum(sqrt(v), smallest));
            return limit === undefined ? n : maximum(minimum(n, limit), neg(limit));
          },
          grads,
          state.nu,
        );
        const mu = mapTensors(
          (n, m) => where(first, m, movingAverage(b1, m, n)),
          normalized,
          state.mu,
        );
        const nu = mapTensors(
          (g, v) => {
            const g2 = square(g);
            return where(first, g2, movingAverage(b2, v, g2));
          },
          grads,
          state.nu,
        );
        const updates = nesterov
          ? mapTensors((ahead, m) => where(first, m, ahead), averageOf(b1, mu, normalized), mu)
          : mapTensors(clone, mu);
        return { updates, state: { count: nextCount(state.count), mu, nu } };
      }),
  };
}
