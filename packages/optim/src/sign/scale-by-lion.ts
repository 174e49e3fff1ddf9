import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clipByValue, sign, tanh, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, times } from "../core/arithmetic.ts";
import { checkChoice, checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByLion}: the moving average of gradients. */
export type ScaleByLionState = { readonly mu: TensorTree };

/** What {@link scaleByLion} makes of the blended gradient: its sign, or a continuous relative of it. */
export type LionMode = "hard" | "smooth" | "refined";

/** Options of {@link scaleByLion}. */
export interface ScaleByLionOptions {
  /** The weight of the average in the update, in [0, 1). Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** The decay of the average, in [0, 1). Default 0.99. */
  readonly b2?: Hyperparameter | undefined;
  /** The function of the blend: sign, tanh, or the blend clipped to [−1, 1]. Default "hard". */
  readonly mode?: LionMode | undefined;
  /** The slope of "smooth" at zero. Default 1. */
  readonly smoothBeta?: Hyperparameter | undefined;
}

/**
 * Takes the sign of a blend of gradient and average gradient: u = sign(c), c = β₁ m + (1 − β₁) g,
 * then m ← β₂ m + (1 − β₂) g.
 *
 * With mode "smooth" u = tanh(smoothBeta · c), with "refined" u = min(max(c, −1), 1), as in optax.
 * Reference: Chen et al., 2023, https://arxiv.org/abs/2302.06675.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByLion } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByLion({ mode: "smooth" }), scaleByLearningRate(1e-4));
 * ```
 */
export function scaleByLion({
  b1 = 0.9,
  b2 = 0.99,
  mode = "hard",
  smoothBeta = 1,
}: ScaleByLionOptions = {}): GradientTransformation<ScaleByLionState> {
  checkRange("scaleByLion: b1", b1, 0, 1);
  checkRange("scaleByLion: b2", b2, 0, 1);
  checkRange("scaleByLion: smoothBeta", smoothBeta, 0);
  const directions = {
    hard: sign,
    smooth: (c: Tensor) => tanh(times(c, smoothBeta)),
    refined: (c: Tensor) => clipByValue(c, -1, 1),
  };
  checkChoice("scaleByLion: mode", mode, Object.keys(directions));
  const direction = directions[mode];
  return {
    init: (params) => ({ mu: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => ({
        updates: mapTensors((g, m) => direction(movingAverage(b1, m, g)), grads, state.mu),
        state: { mu: mapTensors((m, g) => movingAverage(b2, m, g), state.mu, grads) },
      })),
  };
}
