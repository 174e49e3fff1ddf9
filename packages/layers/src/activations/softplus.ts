import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { checkPositive, tensorOf } from "./arithmetic.ts";

/** Options of {@link softplus}. */
export interface SoftplusOptions {
  /** How sharp the corner is. Default 1. */
  readonly beta?: number | undefined;
}

/**
 * The smooth rectifier: ln(1 + e^(β x)) / β, without overflow, with derivative σ(β x).
 *
 * PyTorch returns x itself where β x > 20, at most 2e-9 from this. Reference: Dugas et al., 2000,
 * https://proceedings.neurips.cc/paper/2000/hash/44968aece94f667e4095002d140b5896-Abstract.html.
 *
 * @example
 * ```ts
 * import { softplus } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (softplus(tf.tensor1d([-1000, 1000])).dataSync().join() !== "0,1000") throw new Error("x");
 * ```
 */
export function softplus(x: Tensor, { beta = 1 }: SoftplusOptions = {}): Tensor {
  checkPositive("softplus", "beta", beta);
  if (beta === 1) return tf.softplus(x);
  return tf.tidy(() => tf.div(tf.softplus(tf.mul(x, tensorOf(beta))), tensorOf(beta)));
}

/** Options of {@link squareplus}. */
export interface SquareplusOptions {
  /** How round the corner is, at least 0: squareplus(0) = √b / 2. Default 4. */
  readonly b?: number | undefined;
}

/**
 * The algebraic smooth rectifier: (x + √(x² + b)) / 2. Needs no exponential.
 *
 * The default is JAX's and the paper's choice. On the negative side it computes
 * b / (2 (√(x² + b) − x)), the same number without cancellation. Reference: Barron, 2021,
 * https://arxiv.org/abs/2112.11687.
 *
 * @example
 * ```ts
 * import { squareplus } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = squareplus(tf.tensor1d([0])).dataSync();
 * if (y !== 1) throw new Error(String(y));
 * ```
 */
export function squareplus(x: Tensor, { b = 4 }: SquareplusOptions = {}): Tensor {
  if (!(b > 0 && b < Infinity)) {
    throw new LayerError("squareplus", `expected b above 0 and finite, got ${b}`);
  }
  return tf.tidy(() => {
    const positive = tf.greater(x, 0);
    // Not |x|, whose derivative at 0 is 0.
    const size = tf.where(positive, x, tf.neg(x));
    const above = tf.mul(tf.add(size, tf.sqrt(tf.add(tf.square(x), tensorOf(b)))), 0.5);
    return tf.where(positive, above, tf.div(constant(b / 4), above));
  });
}

/**
 * The logarithm of the hyperbolic cosine: ln cosh x, near x² / 2 at 0 and |x| − ln 2 far away.
 *
 * Relative precision is kept near 0, and nothing overflows.
 *
 * @example
 * ```ts
 * import { logCosh } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [y] = logCosh(tf.tensor1d([1000])).dataSync();
 * if (Math.abs((y ?? 0) - (1000 - Math.LN2)) > 1e-4) throw new Error(String(y));
 * ```
 */
export function logCosh(x: Tensor): Tensor {
  return tf.tidy(() => {
    const near = tf.less(tf.abs(x), 1);
    const zero = tf.zerosLike(x);
    const small = tf.where(near, x, zero);
    const large = tf.where(near, zero, x);
    // cosh x = 1 + 2 sinh²(x / 2), and = (e^(2x) + 1) e^−x / 2.
    const inner = tf.log1p(tf.mul(tf.square(tf.sinh(tf.mul(small, 0.5))), 2));
    const outer = tf.sub(tf.softplus(tf.mul(large, 2)), tf.add(large, constant(Math.LN2)));
    return tf.where(near, inner, outer);
  });
}
