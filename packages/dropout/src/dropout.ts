import { random, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, div, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "./check.ts";

/** Options of the layer {@link dropout}. */
export interface DropoutOptions {
  /** The probability of dropping a value, in [0, 1]. */
  readonly rate: number;
}

/**
 * Dropout: sets values to zero with probability `rate` and divides the others by 1 − rate.
 *
 * `dropout({ rate })` is a layer: random in training, where it needs `key`, and the identity
 * otherwise. `dropout(key, x, rate)` is the function: always random. The mean of the output is x;
 * rate 0 is the identity and rate 1 gives zeros, both exactly. Equal keys give equal masks.
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
export function dropout(options: DropoutOptions): Layer<null, null>;
export function dropout<T extends Tensor>(key: Tensor, x: T, rate: number): T;
export function dropout(
  ...args: [options: DropoutOptions] | [key: Tensor, x: Tensor, rate: number]
): Layer<null, null> | Tensor {
  return args.length === 1 ? dropoutLayer(args[0]) : drop(...args);
}

/** Keeps x / (1 − rate) where the mask is set, and zero elsewhere. */
export function applyMask<T extends Tensor>(x: T, mask: Tensor, rate: number): T {
  // A selection, not a product: a dropped infinity becomes 0, not NaN.
  return tidy(() => where(mask, div(x, 1 - rate), zerosLike(x)) as T);
}

function drop(key: Tensor, x: Tensor, rate: number): Tensor {
  checkRate("dropout", rate);
  if (rate === 0) return clone(x);
  // 1 / (1 − rate) does not exist; without it the gradient is zero, not NaN.
  if (rate === 1) return zerosLike(x);
  return tidy(() => applyMask(x, random.bernoulli(key, 1 - rate, x.shape), rate));
}

function dropoutLayer({ rate }: DropoutOptions): Layer<null, null> {
  checkRate("dropout", rate);
  return Object.freeze({
    kind: "dropout",
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x, { key, training = false } = {}) =>
      treeTidy(() => {
        if (!training) return { y: clone(x), state };
        if (key === undefined) {
          const advice = "pass { key: random.key(seed), training: true }, a new key for each step";
          throw new LayerError("dropout", `expected a random key in training, got none: ${advice}`);
        }
        return { y: drop(key, x, rate), state };
      }),
    outputShape: (inputShape) => inputShape,
  } satisfies Layer<null, null>);
}
