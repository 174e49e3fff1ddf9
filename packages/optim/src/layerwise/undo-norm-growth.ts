import { treeTidy } from "@layerwise/autodiff";
import { add, div, mul, neg, sqrt, square } from "@tensorflow/tfjs-core";
import { plus } from "../core/arithmetic.ts";
import { checkLearningRate } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { learningRateAt } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import type { ScheduleState } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/**
 * Shrinks the parameters after a step so that they do not grow: θ ← (θ + u) / √(1 + η²).
 *
 * A step of length η‖θ‖ at right angles to θ, such as {@link scaleByTrustRatio} and a learning rate
 * make where the loss does not depend on ‖θ‖, multiplies the norm by √(1 + η²). `update` takes finished
 * updates and needs the parameters. It is the last line of {@link fromage}.
 *
 * @example
 * ```ts
 * import { undoNormGrowth } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const shrink = undoNormGrowth(0.75);
 * const params = tf.tensor1d([4, 0]);
 * const { updates } = shrink.update(tf.tensor1d([0, 3]), shrink.init(params), params);
 * const norm = tf.norm(tf.add(params, updates)).dataSync()[0] ?? 0;
 * if (Math.abs(norm - 4) > 1e-6) throw new Error(String(norm));
 * ```
 */
export function undoNormGrowth(learningRate: LearningRate): GradientTransformation<ScheduleState> {
  checkLearningRate("undoNormGrowth", learningRate);
  return {
    init: () => ({ count: zeroCount() }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("undoNormGrowth", params);
        const squared = square(learningRateAt(learningRate, state.count));
        const root = sqrt(plus(squared, 1));
        // 1/√(1 + η²) − 1, without the difference of two numbers near 1.
        const excess = neg(div(squared, mul(root, plus(root, 1))));
        const updates = mapTensors((u, p) => add(div(u, root), mul(p, excess)), grads, wanted);
        return { updates, state: { count: nextCount(state.count) } };
      }),
  };
}
