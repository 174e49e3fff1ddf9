import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import { decayUnlessZero } from "../core/decay-unless-zero.ts";
import type { HvpExtra } from "../core/extras.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { type LearningRateState, scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleByAdahessianOptions, ScaleByAdahessianState } from "./scale-by-adahessian.ts";
import { scaleByAdahessian } from "./scale-by-adahessian.ts";

/** Options of {@link adaHessian}. */
export interface AdaHessianOptions extends ScaleByAdahessianOptions {
  /** The step size, a number or a schedule: that of Newton's method, of the order 0.1. */
  readonly learningRate: LearningRate;
  /** The decay λ, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * AdaHessian: θ ← θ − η (m̂ / (v̂^(k/2) + eps) + λ θ), where v averages squared estimates of the
 * Hessian's diagonal.
 *
 * `update` needs the parameters and `{ hvp }`, as {@link scaleByAdahessian} says.
 * Reference: Yao et al., 2021, https://arxiv.org/abs/2006.00719.
 *
 * @example
 * ```ts
 * import { grad, hvp } from "@layerwise/autodiff";
 * import { adaHessian, applyUpdates } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = (x: tf.Tensor) => tf.sum(tf.mul([1, 100], tf.square(x)));
 * const optimizer = adaHessian({ learningRate: 1 });
 * const params = tf.tensor1d([3, -3]);
 * const product = (v: tf.Tensor) => hvp(loss, [params], [v])[0];
 * const { updates } = optimizer.update(grad(loss)(params), optimizer.init(params), params, {
 *   hvp: product,
 * });
 * const [x = 1, y = 1] = applyUpdates(params, updates).dataSync(); // the minimum, in one step
 * if (Math.abs(x) + Math.abs(y) > 1e-5) throw new Error(`${updates}`);
 * ```
 */
export function adaHessian(
  options: AdaHessianOptions,
): GradientTransformation<
  readonly [ScaleByAdahessianState, EmptyState, LearningRateState],
  HvpExtra
> {
  const { learningRate, weightDecay = 0, ...rest }: Partial<AdaHessianOptions> = options ?? {};
  checkLearningRate("adaHessian", learningRate);
  return chain(
    scaleByAdahessian(rest),
    decayUnlessZero(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
