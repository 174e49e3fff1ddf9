import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdamOptions, ScaleByAdamState } from "./scale-by-adam.ts";
import { scaleByAdam } from "./scale-by-adam.ts";

/** Options of {@link adam}. */
export interface AdamOptions extends ScaleByAdamOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
}

/** Options of {@link adamW} and {@link adamL2}. */
export interface AdamWOptions extends AdamOptions {
  /** The decay λ, multiplied by the learning rate. Default 1e-4. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/** Options of {@link adamEpsInRoot}. */
export interface AdamEpsInRootOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** The number δ under the root. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Adam: θ ← θ − η m̂ / (√v̂ + eps).
 *
 * `eps` is outside the root and after bias correction, as in the paper, PyTorch and optax; Keras and
 * TensorFlow have `{ epsHat: true, eps: 1e-7 }`. Reference: https://arxiv.org/abs/1412.6980, 2015.
 *
 * @example
 * ```ts
 * import { adam } from "@layerwise/optim";
 *
 * const optimizer = adam({ learningRate: 1e-3 });
 * ```
 */
export function adam(
  options: AdamOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, ...rest }: Partial<AdamOptions> = options ?? {};
  checkLearningRate("adam", learningRate);
  return chain(scaleByAdam(rest), scaleByLearningRate(learningRate));
}

/**
 * Adam with the small number under the root: θ ← θ − η ŝ / √(r̂ + eps).
 *
 * Lectures and courses often write it so. At 1e-8 it cannot be told from {@link adam} except where gradients
 * are as small as 1e-4; there this one takes shorter steps. It is `adam({ eps: 0, epsRoot })`.
 *
 * @example
 * ```ts
 * import { adamEpsInRoot } from "@layerwise/optim";
 *
 * const optimizer = adamEpsInRoot({ learningRate: 1e-3, eps: 1e-8 });
 * ```
 */
export function adamEpsInRoot(
  options: AdamEpsInRootOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, eps = 1e-8, ...rest }: Partial<AdamEpsInRootOptions> = options ?? {};
  checkLearningRate("adamEpsInRoot", learningRate);
  return chain(scaleByAdam({ ...rest, eps: 0, epsRoot: eps }), scaleByLearningRate(learningRate));
}

/**
 * Adam with decoupled weight decay: θ ← θ − η (m̂ / (√v̂ + eps) + λ θ).
 *
 * The decay acts on the parameters before the step and never enters the moments. λ is 1e-4 as in optax;
 * PyTorch has 1e-2, Keras 4e-3. Reference: Loshchilov and Hutter, 2019, https://arxiv.org/abs/1711.05101.
 *
 * @example
 * ```ts
 * import { adamW } from "@layerwise/optim";
 *
 * const optimizer = adamW({ learningRate: 1e-3, weightDecay: 1e-2 });
 * ```
 */
export function adamW(
  options: AdamWOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<AdamWOptions> = options ?? {};
  checkLearningRate("adamW", learningRate);
  return chain(
    scaleByAdam(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Adam with an L2 penalty: the gradient is g + λ θ, and the moments see it.
 *
 * Parameters with large gradients decay less than others, which {@link adamW} repairs. This is PyTorch's
 * `Adam(weight_decay=λ)`.
 *
 * @example
 * ```ts
 * import { adamL2 } from "@layerwise/optim";
 *
 * const optimizer = adamL2({ learningRate: 1e-3, weightDecay: 1e-4 });
 * ```
 */
export function adamL2(
  options: AdamWOptions,
): GradientTransformation<readonly [EmptyState, ScaleByAdamState, LearningRateState]> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<AdamWOptions> = options ?? {};
  checkLearningRate("adamL2", learningRate);
  return chain(
    addDecayedWeights(weightDecay),
    scaleByAdam(rest),
    scaleByLearningRate(learningRate),
  );
}
