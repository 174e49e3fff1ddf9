import { constant } from "@layerwise/autodiff";
import type { Shape } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "../core/check.ts";
import { drawMask, sharedShape } from "../core/mask.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";
import { type SpatialDropoutOptions, spatialAxes } from "./spatial-dropout.ts";

/** Options of the layer {@link alphaDropout}. */
export interface AlphaDropoutOptions {
  /** The probability of dropping a value, in [0, 1]. */
  readonly rate: number;
}

// SELU's limit at −∞: −scale · alpha.
const alphaPrime = -1.7580993408473766;

/**
 * Alpha dropout: for SELU networks, keeps inputs of mean 0 and variance 1 at mean 0 and variance 1.
 *
 * With α′ = −1.7581, SELU's limit at −∞, dropped values become α′ and all are mapped by a x + b
 * with a = ((1 − p)(1 + p α′²))^(−1/2) and b = −a α′ p. A layer or a function, as {@link dropout}.
 * Rate 0 is the identity; rate 1 gives the limit, zeros. Follows PyTorch and Keras 3;
 * TensorFlow.js's layer has the wrong sign on dropped values.
 *
 * Reference: Klambauer et al., Self-Normalizing Neural Networks, 2017,
 * https://arxiv.org/abs/1706.02515.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { alphaDropout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = alphaDropout(random.key(0), random.normal(random.key(1), [20_000]), 0.3);
 * const mean = tf.mean(y).dataSync()[0] ?? 1;
 * if (Math.abs(mean) > 0.03) throw new Error(String(mean));
 * ```
 */
export function alphaDropout(options: AlphaDropoutOptions): StochasticLayer;
export function alphaDropout<T extends Tensor>(key: Tensor, x: T, rate: number): T;
export function alphaDropout(
  ...args: [options: AlphaDropoutOptions] | [key: Tensor, x: Tensor, rate: number]
): StochasticLayer | Tensor {
  const rate = args.length === 1 ? args[0].rate : args[2];
  checkRate("alphaDropout", rate);
  const draw = (key: Tensor, x: Tensor): Tensor => alphaDrop(key, x, rate, x.shape);
  return args.length === 1 ? noiseLayer({ kind: "alphaDropout", draw }) : draw(args[0], args[1]);
}

/**
 * Alpha dropout of whole channels: one draw per sample and channel.
 *
 * Input [batch, ..., channels], or [batch, channels, ...] with `channelsFirst`, which is the layout
 * of PyTorch's layer of this name.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { featureAlphaDropout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = featureAlphaDropout({ rate: 0.5 });
 * const x = tf.ones([2, 4, 4, 3]);
 * const { y } = layer.apply({ params: null, state: null }, x, { training: true, key: random.key(0) });
 * if (new Set(y.dataSync()).size !== 2) throw new Error(String(y));
 * ```
 */
export function featureAlphaDropout({
  rate,
  channelsFirst = false,
}: SpatialDropoutOptions): StochasticLayer {
  const kind = "featureAlphaDropout";
  checkRate(kind, rate);
  return noiseLayer({
    kind,
    draw: (key, x) =>
      alphaDrop(key, x, rate, sharedShape(x.shape, spatialAxes(x.rank, channelsFirst))),
    check: (shape) => {
      if (shape.length >= 3) return;
      const axes = channelsFirst ? "[batch, channels, ...]" : "[batch, ..., channels]";
      const wanted = `expected input ${axes} of at least 3 axes`;
      throw new LayerError(kind, `${wanted}, got ${showShape(shape)}`);
    },
  });
}

function alphaDrop(key: Tensor, x: Tensor, rate: number, maskShape: Shape): Tensor {
  if (rate === 0) return clone(x);
  // a α′ + b = α′ √((1 − p) / (1 + p α′²)) goes to 0, although a does not exist at rate 1.
  if (rate === 1) return zerosLike(x);
  return tidy(() => applyAlphaMask(x, drawMask(key, maskShape, rate), rate));
}

/** a x + b where the mask is set, a α′ + b elsewhere. */
export function applyAlphaMask(x: Tensor, mask: Tensor, rate: number): Tensor {
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * alphaPrime ** 2));
  const b = -a * alphaPrime * rate;
  return tidy(() => {
    const dropped = constant(a * alphaPrime + b);
    return where(mask, add(mul(x, constant(a)), constant(b)), add(zerosLike(x), dropped));
  });
}
