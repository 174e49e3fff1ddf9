import { constant, random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul, tidy } from "@tensorflow/tfjs-core";
import { checkRateBelowOne } from "../core/check.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of the layer {@link gaussianDropout}. */
export interface GaussianDropoutOptions {
  /** The rate p of the dropout with the same mean and variance, in [0, 1). */
  readonly rate: number;
}

/**
 * Gaussian dropout: multiplies values by independent normal numbers of mean 1 and variance
 * p / (1 − p), which are the mean and variance of dropout's factors.
 *
 * A layer or a function, as {@link dropout}. Rate 0 is the identity; rate 1 has no finite variance
 * and is refused.
 *
 * Reference: Srivastava et al., 2014, section 10, https://jmlr.org/papers/v15/srivastava14a.html.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { gaussianDropout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = gaussianDropout(random.key(0), tf.ones([10_000]), 0.2);
 * const { mean, variance } = tf.moments(y); // 1 and 0.2 / 0.8
 * if (Math.abs((variance.dataSync()[0] ?? 0) - 0.25) > 0.02) throw new Error(`${mean} ${variance}`);
 * ```
 */
export function gaussianDropout(options: GaussianDropoutOptions): StochasticLayer;
export function gaussianDropout<T extends Tensor>(key: Tensor, x: T, rate: number): T;
export function gaussianDropout(
  ...args: [options: GaussianDropoutOptions] | [key: Tensor, x: Tensor, rate: number]
): StochasticLayer | Tensor {
  const rate = args.length === 1 ? args[0].rate : args[2];
  checkRateBelowOne("gaussianDropout", rate);
  const draw = (key: Tensor, x: Tensor): Tensor =>
    rate === 0 ? clone(x) : tidy(() => multiplyNoise(x, random.normal(key, x.shape), rate));
  return args.length === 1 ? noiseLayer({ kind: "gaussianDropout", draw }) : draw(args[0], args[1]);
}

/** x (1 + √(p / (1 − p)) ε). */
export function multiplyNoise(x: Tensor, eps: Tensor, rate: number): Tensor {
  return tidy(() => mul(x, add(mul(eps, constant(Math.sqrt(rate / (1 - rate)))), 1)));
}
