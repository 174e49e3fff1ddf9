import { random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { prelu, tidy } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { randomLayer } from "./random-layer.ts";
import { leakyRelu } from "./rectifiers.ts";

/** Options of {@link rrelu}. */
export interface RreluOptions {
  /** The smallest slope. Default 1/8. */
  readonly lower?: number | undefined;
  /** The largest slope. Default 1/3. */
  readonly upper?: number | undefined;
}

/**
 * The randomized leaky rectifier: x for x > 0, otherwise a x with a ~ U(lower, upper) for each value.
 *
 * `rrelu()` is a layer: random in training, where it needs `key`, and {@link leakyRelu} with the mean
 * slope (11/48 by default) otherwise. `rrelu(key, x)` is the function: always random. Defaults and
 * meaning are PyTorch's; the paper divides by slopes from U(3, 8) instead: Xu et al., 2015,
 * https://arxiv.org/abs/1505.00853.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { rrelu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = rrelu();
 * const variables = layer.init(random.key(0), [1]);
 * const [mean] = layer.apply(variables, tf.tensor2d([[-48]])).y.dataSync();
 * if (mean !== -11) throw new Error(String(mean));
 * const [y = 0] = rrelu(random.key(1), tf.tensor1d([-24])).dataSync();
 * if (y > -3 || y < -8) throw new Error(String(y));
 * ```
 */
export function rrelu(options?: RreluOptions): Layer<null, null>;
export function rrelu(key: Tensor, x: Tensor, options?: RreluOptions): Tensor;
export function rrelu(
  first?: RreluOptions | Tensor,
  x?: Tensor,
  options?: RreluOptions,
): Layer<null, null> | Tensor {
  if (x !== undefined) return randomSlopes(first as Tensor, x, bounds(options));
  const limits = bounds(first as RreluOptions | undefined);
  const negativeSlope = (limits.lower + limits.upper) / 2;
  return randomLayer(
    "rrelu",
    (key, input) => randomSlopes(key, input, limits),
    (input) => leakyRelu(input, { negativeSlope }),
  );
}

type Bounds = { readonly lower: number; readonly upper: number };

function bounds({ lower = 1 / 8, upper = 1 / 3 }: RreluOptions = {}): Bounds {
  if (lower <= upper && Number.isFinite(lower) && Number.isFinite(upper)) return { lower, upper };
  throw new LayerError("rrelu", `expected finite lower <= upper, got ${lower} and ${upper}`);
}

function randomSlopes(key: Tensor, x: Tensor, { lower, upper }: Bounds): Tensor {
  return tidy(() => prelu(x, random.uniform(key, x.shape, { minval: lower, maxval: upper })));
}
