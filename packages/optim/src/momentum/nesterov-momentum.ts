import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { TraceAheadExtra, TraceAheadState } from "./trace-ahead.ts";
import { traceAhead } from "./trace-ahead.ts";

/** Options of {@link nesterovMomentum}. */
export interface NesterovMomentumOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay α of the velocity, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
}

/**
 * Nesterov's momentum with the gradient taken ahead: v ← α v − η ∇L(θ + α v), θ ← θ + v.
 *
 * Needs the extra argument `gradFn`. The points θ + α v are those that {@link heavyBall} with
 * `nesterov: true` visits from gradients at its own parameters; for a constant learning rate
 * {@link sgd} visits them too.
 * References: Nesterov, 1983; Goodfellow et al., 2016, algorithm 8.3,
 * https://www.deeplearningbook.org.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { applyUpdates, nesterovMomentum } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const gradFn = grad((x: tf.Tensor) => tf.sum(tf.square(x)));
 * const optimizer = nesterovMomentum({ learningRate: 0.25, momentum: 0.5 });
 * let params: tf.Tensor = tf.scalar(8);
 * let state = optimizer.init(params);
 * for (let i = 0; i < 2; i++) {
 *   const step = optimizer.update(params, state, params, { gradFn });
 *   params = applyUpdates(params, step.updates);
 *   state = step.state;
 * }
 * // 8 + v = 4 with v = −4; then v = −2 − 0.25 · 2 · (4 − 2) = −3.
 * if (params.dataSync()[0] !== 1) throw new Error(String(params));
 * ```
 */
export function nesterovMomentum(
  options: NesterovMomentumOptions,
): GradientTransformation<TraceAheadState<LearningRateState>, TraceAheadExtra> {
  const { learningRate, momentum = 0.9 }: Partial<NesterovMomentumOptions> = options ?? {};
  checkLearningRate("nesterovMomentum", learningRate);
  checkRange("nesterovMomentum: momentum", momentum, 0, 1);
  return traceAhead({ decay: momentum }, scaleByLearningRate(learningRate));
}
