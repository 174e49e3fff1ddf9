import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { HvpExtra } from "../core/extras.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { type LearningRateState, scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import type { ScaleBySophiaOptions, ScaleBySophiaState } from "./scale-by-sophia.ts";
import { scaleBySophia } from "./scale-by-sophia.ts";

/** Options of {@link sophia}. */
export interface SophiaOptions extends ScaleBySophiaOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ, multiplied by the learning rate. Default 1e-4; the paper has 0.2. */
  readonly weightDecay?: Hyperparameter | undefined;
}

/**
 * Sophia-H, clipped second-order descent: θ ← θ − η (clip(m / max(γ h, eps), ±1) + λ θ), with an
 * estimate h of the Hessian's diagonal.
 *
 * `update` needs the parameters and `{ hvp }`, as {@link scaleBySophia} says.
 * Reference: Liu et al., 2023, https://arxiv.org/abs/2305.14342.
 *
 * @example
 * ```ts
 * import { grad, hvp } from "@layerwise/autodiff";
 * import { sophia } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = (x: tf.Tensor) => tf.sum(tf.mul([1, 100], tf.square(x)));
 * const optimizer = sophia({ learningRate: 0.1, weightDecay: 0 });
 * const params = tf.tensor1d([3, -3]);
 * const product = (v: tf.Tensor) => hvp(loss, [params], [v])[0];
 * const { updates } = optimizer.update(grad(loss)(params), optimizer.init(params), params, {
 *   hvp: product,
 * });
 * const [x = 0, y = 0] = updates.dataSync(); // both clipped
 * if (Math.abs(x + 0.1) + Math.abs(y - 0.1) > 1e-6) throw new Error(`${updates}`);
 * ```
 */
export function sophia(
  options: SophiaOptions,
): GradientTransformation<readonly [ScaleBySophiaState, EmptyState, LearningRateState], HvpExtra> {
  const { learningRate, weightDecay = 1e-4, ...rest }: Partial<SophiaOptions> = options ?? {};
  checkLearningRate("sophia", learningRate);
  return chain(
    scaleBySophia(rest),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}
