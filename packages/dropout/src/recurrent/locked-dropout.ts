import type { Tensor } from "@tensorflow/tfjs-core";
import { checkAxes, checkRate } from "../core/check.ts";
import { drop, sharedShape } from "../core/mask.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link lockedDropout}. */
export interface LockedDropoutOptions {
  /** The probability of dropping a feature, in [0, 1]. */
  readonly rate: number;
  /** Whether the axis of time steps comes before that of samples. Default false. */
  readonly timeFirst?: boolean | undefined;
}

/**
 * Variational dropout of recurrent networks: one mask for all time steps of a sequence.
 *
 * Input [batch, time, features], or [time, batch, features] with `timeFirst`. The same as
 * `spatialDropout1d` where the batch comes first. For the state inside a cell, draw a
 * `dropoutMask` before the loop. In training only; needs `key` there.
 *
 * Reference: Gal and Ghahramani, 2016, https://arxiv.org/abs/1512.05287; named as in Merity et al.,
 * 2017, https://arxiv.org/abs/1708.02182.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { lockedDropout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = lockedDropout({ rate: 0.5 });
 * const x = tf.ones([1, 5, 8]);
 * const { y } = layer.apply({ params: null, state: null }, x, { training: true, key: random.key(0) });
 * const [first, last] = [tf.slice(y, [0, 0, 0], [1, 1, 8]), tf.slice(y, [0, 4, 0], [1, 1, 8])];
 * if (String(first) !== String(last)) throw new Error(String(y));
 * ```
 */
export function lockedDropout({ rate, timeFirst = false }: LockedDropoutOptions): StochasticLayer {
  const kind = "lockedDropout";
  checkRate(kind, rate);
  const axes = [...(timeFirst ? ["time", "batch"] : ["batch", "time"]), "features"];
  return noiseLayer({
    kind,
    draw: (key: Tensor, x: Tensor) =>
      drop(key, x, rate, sharedShape(x.shape, [axes.indexOf("time")])),
    check: (shape) => checkAxes(kind, axes, shape),
  });
}
