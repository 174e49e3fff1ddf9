import { constant, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { div, equal, logicalOr, mul, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { blockNorm } from "./block-norm.ts";

/** Options of {@link scaleByTrustRatio}. */
export interface ScaleByTrustRatioOptions {
  /** Norms below it count as it. Default 0. */
  readonly minNorm?: Hyperparameter | undefined;
  /** The factor of the ratio. Default 1. */
  readonly trustCoefficient?: Hyperparameter | undefined;
  /** Added to the norm of the update. Default 0. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Makes the size of the update of each tensor proportional to the size of the tensor:
 * u = c ‖θ‖ / (‖g‖ + eps) · g, tensor by tensor.
 *
 * The ratio is 1 where either norm is 0, so that a tensor of zeros can leave zero. `update` needs the
 * parameters. Reference: You, Gitman and Ginsburg, 2017, https://arxiv.org/abs/1708.03888.
 *
 * @example
 * ```ts
 * import { scaleByTrustRatio } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const ratio = scaleByTrustRatio();
 * const { updates } = ratio.update(tf.tensor1d([0, 5]), null, tf.tensor1d([3, 4]));
 * if (updates.dataSync().join() !== "0,5") throw new Error(`${updates}`);
 * ```
 */
export function scaleByTrustRatio({
  minNorm = 0,
  trustCoefficient = 1,
  eps = 0,
}: ScaleByTrustRatioOptions = {}): GradientTransformation<EmptyState> {
  checkRange("scaleByTrustRatio: minNorm", minNorm, 0);
  checkRange("scaleByTrustRatio: trustCoefficient", trustCoefficient, 0);
  checkRange("scaleByTrustRatio: eps", eps, 0);
  const ratio = (g: Tensor, p: Tensor): Tensor => {
    const [ofGrad, ofParam] = [blockNorm(g, minNorm), blockNorm(p, minNorm)];
    const either = logicalOr(equal(ofGrad, 0), equal(ofParam, 0));
    return where(either, constant(1), div(times(ofParam, trustCoefficient), plus(ofGrad, eps)));
  };
  return {
    init: () => null,
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("scaleByTrustRatio", params);
        return { updates: mapTensors((g, p) => mul(g, ratio(g, p)), grads, wanted), state };
      }),
  };
}
