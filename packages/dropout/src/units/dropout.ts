import type { Shape } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { checkRate } from "../core/check.ts";
import { drop, sharedShape } from "../core/mask.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of the layer {@link dropout}. */
export interface DropoutOptions {
  /** The probability of dropping a value, in [0, 1]. */
  readonly rate: number;
  /**
   * Axes of the batch along which values are dropped together (0 is the batch axis; negative axes
   * count from the end). Default none. Keras has `noise_shape` for this, Flax `broadcast_dims`.
   */
  readonly sharedAxes?: readonly number[] | undefined;
}

/**
 * Dropout: sets values to zero with probability `rate` and divides the others by 1 − rate.
 *
 * `dropout({ rate })` is a layer: random in training, where it needs `key`, and the identity
 * otherwise. `dropout(key, x, rate)` is the function: always random. The mean of the output is x;
 * rate 0 is the identity and rate 1 gives zeros, both exactly. Equal keys give equal masks.
 *
 * The paper multiplies the weights by 1 − rate after training instead; like all libraries this one
 * scales in training, so that nothing needs to change afterwards.
 *
 * Reference: Srivastava et al., 2014, https://jmlr.org/papers/v15/srivastava14a.html.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dropout({ rate: 0.5 });
 * const variables = layer.init(random.key(0), [4]);
 * const x = tf.ones([2, 4]);
 * const { y } = layer.apply(variables, x, { training: true, key: random.key(1) });
 * const same = dropout(random.key(1), x, 0.5);
 * if (String(y) !== String(same)) throw new Error(`${y} ${same}`);
 * ```
 */
export function dropout(options: DropoutOptions): StochasticLayer;
export function dropout<T extends Tensor>(key: Tensor, x: T, rate: number): T;
export function dropout(
  ...args: [options: DropoutOptions] | [key: Tensor, x: Tensor, rate: number]
): StochasticLayer | Tensor {
  if (args.length === 1) {
    const [{ rate, sharedAxes = [] }] = args;
    checkRate("dropout", rate);
    return noiseLayer({
      kind: "dropout",
      draw: (key, x) => drop(key, x, rate, sharedShape(x.shape, sharedAxes)),
      check: (shape) => checkSharedAxes(sharedAxes, shape),
    });
  }
  const [key, x, rate] = args;
  checkRate("dropout", rate);
  return drop(key, x, rate);
}

function checkSharedAxes(axes: readonly number[], shape: Shape): void {
  const rank = shape.length;
  const wrong = axes.find((axis) => !Number.isInteger(axis) || axis < -rank || axis >= rank);
  if (wrong === undefined) return;
  const wanted = `expected shared axes from ${-rank} to ${rank - 1} for ${showShape(shape)}`;
  throw new LayerError("dropout", `${wanted}, got ${wrong}`);
}
