import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { type TraceAheadExtra, type TraceAheadState, traceAhead } from "../momentum/trace-ahead.ts";
import type { ScaleByRmsOptions, ScaleByRmsState } from "./scale-by-rms.ts";
import { scaleByRms } from "./scale-by-rms.ts";

/** Options of {@link nesterovRmsProp}. */
export interface NesterovRmsPropOptions extends ScaleByRmsOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay α of the velocity, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
}

/**
 * RMSProp with Nesterov's momentum, the gradient taken ahead: g = ∇L(θ + α v), r ← ρ r + (1 − ρ) g²,
 * v ← α v − η g / √(r + eps), θ ← θ + v.
 *
 * Needs the extra argument `gradFn`. The points θ + α v are those that {@link rmsProp} with
 * `nesterov: true` visits from gradients at its own parameters.
 * Reference: Goodfellow et al., 2016, algorithm 8.6, https://www.deeplearningbook.org (without its
 * eps).
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { applyUpdates, nesterovRmsProp } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const gradFn = grad((x: tf.Tensor) => tf.sum(tf.square(x)));
 * const optimizer = nesterovRmsProp({ learningRate: 0.5, decay: 0.75 });
 * const params = tf.scalar(8);
 * const { updates } = optimizer.update(params, optimizer.init(params), params, { gradFn });
 * const [x] = applyUpdates(params, updates).dataSync(); // 8 − 0.5 · g / √(g² / 4)
 * if (Math.abs((x ?? 0) - 7) > 1e-6) throw new Error(String(x));
 * ```
 */
export function nesterovRmsProp(
  options: NesterovRmsPropOptions,
): GradientTransformation<
  TraceAheadState<readonly [ScaleByRmsState, LearningRateState]>,
  TraceAheadExtra
> {
  const { learningRate, momentum = 0.9, ...rest }: Partial<NesterovRmsPropOptions> = options ?? {};
  checkLearningRate("nesterovRmsProp", learningRate);
  checkRange("nesterovRmsProp: momentum", momentum, 0, 1);
  return traceAhead(
    { decay: momentum },
    chain(scaleByRms(rest), scaleByLearningRate(learningRate)),
  );
}
