import { constant, random } from "@layerwise/autodiff";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, less, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "../core/check.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** The values that {@link saltAndPepperNoise} writes. */
export interface SaltAndPepperRange {
  /** Default 0. */
  readonly low?: number | undefined;
  /** Default 1. */
  readonly high?: number | undefined;
}

/** Options of the layer {@link saltAndPepperNoise}. */
export interface SaltAndPepperOptions extends SaltAndPepperRange {
  /** The probability of replacing a value, in [0, 1]. */
  readonly rate: number;
}

type FunctionArgs = [key: Tensor, x: Tensor, rate: number, range?: SaltAndPepperRange | undefined];

/**
 * Salt-and-pepper noise: with probability `rate` a value becomes `low` or `high`, by a fair coin.
 *
 * A corruption of denoising autoencoders; `low` and `high` are the least and greatest values of the
 * data, by default 0 and 1. A layer, random in training only, or a function.
 *
 * Reference: Vincent et al., 2010, section 3.3, https://jmlr.org/papers/v11/vincent10a.html.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { saltAndPepperNoise } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = saltAndPepperNoise(random.key(0), tf.fill([100], 0.5), 0.4);
 * if (new Set(y.dataSync()).size !== 3) throw new Error(String(y));
 * ```
 */
export function saltAndPepperNoise(options: SaltAndPepperOptions): StochasticLayer;
export function saltAndPepperNoise<T extends Tensor>(
  key: Tensor,
  x: T,
  rate: number,
  range?: SaltAndPepperRange | undefined,
): T;
export function saltAndPepperNoise(
  ...args: [options: SaltAndPepperOptions] | FunctionArgs
): StochasticLayer | Tensor {
  const kind = "saltAndPepperNoise";
  const rate = args.length === 1 ? args[0].rate : args[2];
  const { low = 0, high = 1 } = (args.length === 1 ? args[0] : args[3]) ?? {};
  checkRate(kind, rate);
  if (!(low < high && low > -Infinity && high < Infinity)) {
    throw new LayerError(kind, `expected finite low < high, got ${low} and ${high}`);
  }
  const draw = (key: Tensor, x: Tensor): Tensor =>
    rate === 0
      ? clone(x)
      : tidy(() => replaceExtremes(x, random.uniform(key, x.shape), rate, low, high));
  return args.length === 1 ? noiseLayer({ kind, draw }) : draw(args[0], args[1]);
}

/** `low` where u < rate / 2, `high` where rate / 2 ≤ u < rate, x elsewhere. */
export function replaceExtremes(
  x: Tensor,
  u: Tensor,
  rate: number,
  low: number,
  high: number,
): Tensor {
  return tidy(() => {
    const all = (value: number): Tensor => add(zerosLike(x), constant(value));
    const extreme = where(less(u, constant(rate / 2)), all(low), all(high));
    return where(less(u, constant(rate)), extreme, x);
  });
}
