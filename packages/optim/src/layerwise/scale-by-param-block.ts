import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { mul } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { blockNorm, blockRms } from "./block-norm.ts";

/** Options of {@link scaleByParamBlockNorm} and {@link scaleByParamBlockRms}. */
export interface ScaleByParamBlockOptions {
  /** The least size that counts, so that a tensor of zeros can leave zero. Default 1e-3. */
  readonly minScale?: Hyperparameter | undefined;
}

const scaleBySize = (
  name: string,
  size: (param: Tensor, least: Hyperparameter) => Tensor,
  { minScale = 1e-3 }: ScaleByParamBlockOptions,
): GradientTransformation<EmptyState> => {
  checkRange(`${name}: minScale`, minScale, 0);
  return {
    init: () => null,
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams(name, params);
        return { updates: mapTensors((g, p) => mul(g, size(p, minScale)), grads, wanted), state };
      }),
  };
};

/**
 * Multiplies the update of each tensor by the tensor's norm: u = max(‖θ‖, minScale) · g.
 *
 * `update` needs the parameters.
 *
 * @example
 * ```ts
 * import { scaleByParamBlockNorm } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { updates } = scaleByParamBlockNorm().update(tf.scalar(2), null, tf.scalar(-3));
 * if (updates.dataSync()[0] !== 6) throw new Error(`${updates}`);
 * ```
 */
export function scaleByParamBlockNorm(
  options: ScaleByParamBlockOptions = {},
): GradientTransformation<EmptyState> {
  return scaleBySize("scaleByParamBlockNorm", blockNorm, options);
}

/**
 * Multiplies the update of each tensor by the tensor's root mean square:
 * u = max(√mean(θ²), minScale) · g.
 *
 * `update` needs the parameters. It is the relative step size of {@link adafactor}.
 *
 * @example
 * ```ts
 * import { scaleByParamBlockRms } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const params = tf.tensor1d([2, -2]);
 * const { updates } = scaleByParamBlockRms().update(tf.tensor1d([1, 0]), null, params);
 * if (updates.dataSync().join() !== "2,0") throw new Error(`${updates}`);
 * ```
 */
export function scaleByParamBlockRms(
  options: ScaleByParamBlockOptions = {},
): GradientTransformation<EmptyState> {
  return scaleBySize("scaleByParamBlockRms", blockRms, options);
}
