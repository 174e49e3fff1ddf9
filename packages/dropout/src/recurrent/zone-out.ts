import { constant } from "@layerwise/autodiff";
import type { ApplyOptions } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul, tidy, where } from "@tensorflow/tfjs-core";
import { checkRate, requireKey } from "../core/check.ts";
import { drawMask } from "../core/mask.ts";

/** Options of {@link zoneOut}. */
export interface ZoneOutOptions extends ApplyOptions {
  /** The probability of keeping the old value, in [0, 1]. */
  readonly rate: number;
}

/**
 * Zoneout: units of a recurrent state keep their old value with probability `rate`.
 *
 * In training m · previous + (1 − m) · next with m ~ Bernoulli(rate), which needs `key`; otherwise
 * the expectation rate · previous + (1 − rate) · next. Nothing is rescaled: the mean is kept as it
 * is. For an LSTM, call it once for the cells and once for the outputs, each with its own rate and
 * key; use a new key for each time step.
 *
 * Reference: Krueger et al., Zoneout, 2016, https://arxiv.org/abs/1606.01305.
 *
 * @example
 * ```ts
 * import { zoneOut } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const state = zoneOut(tf.tensor1d([0, 0]), tf.tensor1d([4, 8]), { rate: 0.25 });
 * if (state.dataSync().join() !== "3,6") throw new Error(String(state));
 * ```
 */
export function zoneOut<T extends Tensor>(
  previous: T,
  next: T,
  { rate, key, training = false }: ZoneOutOptions,
): T {
  checkRate("zoneOut", rate);
  if (showShape(previous.shape) !== showShape(next.shape)) {
    const shapes = `${showShape(previous.shape)} and ${showShape(next.shape)}`;
    throw new LayerError("zoneOut", `expected states of the same shape, got ${shapes}`);
  }
  if (rate === 0) return clone(next);
  if (rate === 1) return clone(previous);
  return tidy(() => {
    if (!training) {
      return add<T>(mul(previous, constant(rate)), mul(next, constant(1 - rate)));
    }
    const change = drawMask(requireKey("zoneOut", key), next.shape, rate);
    return where(change, next, previous) as T;
  });
}
