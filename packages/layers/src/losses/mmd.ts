import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { checkPositive } from "../activations/arithmetic.ts";
import { showShape } from "../core/layer-error.ts";

/** Options of {@link maximumMeanDiscrepancy}. */
export interface MmdOptions {
  /** The standard deviations σ of the kernels, which are added up. Default [1, 2, 4, 8, 16]. */
  readonly bandwidths?: readonly number[] | undefined;
  /** Whether to leave pairs of a point with itself out: unbiased, but below 0 at times. Default false. */
  readonly unbiased?: boolean | undefined;
}

/**
 * The squared maximum mean discrepancy of two samples: mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y),
 * with k(a, b) = Σ_σ e^(−‖a − b‖² / 2 σ²).
 *
 * x [n, ...] and y [m, ...]; 0 for equal samples. The penalty of MMD and Wasserstein autoencoders.
 * Reference: Gretton et al., 2012, https://jmlr.org/papers/v13/gretton12a.html.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { maximumMeanDiscrepancy } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const codes = random.normal(random.key(0), [50, 2]);
 * const [near = 1] = maximumMeanDiscrepancy(codes, random.normal(random.key(1), [50, 2])).dataSync();
 * const [far = 0] = maximumMeanDiscrepancy(codes, tf.add(codes, 5)).dataSync();
 * if (!(near < 0.2 && far > 1)) throw new Error(`${near} ${far}`);
 * ```
 */
export function maximumMeanDiscrepancy(
  x: Tensor,
  y: Tensor,
  { bandwidths = [1, 2, 4, 8, 16], unbiased = false }: MmdOptions = {},
): Scalar {
  check(x, y, bandwidths, unbiased);
  return tf.tidy(() => {
    const [a, b] = [flatten(x), flatten(y)];
    // The kernel does not see where the origin is; near the points, squares cancel less.
    const center = tf.mean(a, 0, true);
    const [p, q] = [tf.sub<Tensor2D>(a, center), tf.sub<Tensor2D>(b, center)];
    const within = tf.add(meanWithin(p, bandwidths, unbiased), meanWithin(q, bandwidths, unbiased));
    return tf.sub<Scalar>(within, tf.mul(tf.mean(kernel(p, q, bandwidths)), 2));
  });
}

function kernel(a: Tensor2D, b: Tensor2D, bandwidths: readonly number[]): Tensor {
  const squares = (v: Tensor2D): Tensor => tf.sum(tf.square(v), 1, true);
  const sums = tf.add(squares(a), tf.transpose(squares(b)));
  const distance = tf.relu(tf.sub(sums, tf.mul(tf.matMul(a, b, false, true), 2)));
  return tf.addN(
    bandwidths.map((sigma) => tf.exp(tf.mul(distance, constant(-1 / (2 * sigma ** 2))))),
  );
}

function meanWithin(x: Tensor2D, bandwidths: readonly number[], unbiased: boolean): Tensor {
  const [n] = x.shape;
  const values = kernel(x, x, bandwidths);
  // A point has distance 0 from itself, which rounding does not know.
  const others = tf.sum(tf.where(tf.cast(tf.eye(n), "bool"), tf.zerosLike(values), values));
  if (unbiased) return tf.div(others, n * (n - 1));
  return tf.div(tf.add(others, n * bandwidths.length), n ** 2);
}

function flatten(x: Tensor): Tensor2D {
  return tf.reshape(x, [x.shape[0] ?? 1, -1]);
}

function check(x: Tensor, y: Tensor, bandwidths: readonly number[], unbiased: boolean): void {
  const name = "maximumMeanDiscrepancy";
  const least = unbiased ? 2 : 1;
  const enough = (x.shape[0] ?? 0) >= least && (y.shape[0] ?? 0) >= least;
  if (x.rank < 2 || !enough || showShape(x.shape.slice(1)) !== showShape(y.shape.slice(1))) {
    const wanted = `expected samples [n, ...] and [m, ...] with n, m of at least ${least}`;
    throw new Error(`${name}: ${wanted}, got ${showShape(x.shape)} and ${showShape(y.shape)}`);
  }
  if (bandwidths.length === 0)
    throw new Error(`${name}: expected at least one bandwidth, got none`);
  for (const sigma of bandwidths) checkPositive(name, "bandwidths", sigma);
}
