import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { checkRate } from "../core/check.ts";
import { drawMask, drop, sharedShape } from "../core/mask.ts";
import { noiseLayer, type StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link dropPath}. */
export interface DropPathOptions {
  /** The probability of dropping a sample's branch, in [0, 1]. */
  readonly rate: number;
  /** Whether each sample is drawn for itself, or the whole batch at once. Default "sample". */
  readonly mode?: "sample" | "batch" | undefined;
  /** Whether kept samples are divided by 1 − rate. Default true. */
  readonly scaleByKeep?: boolean | undefined;
}

/**
 * Drops the whole output of a branch, sample by sample, and divides the others by 1 − rate.
 *
 * The last layer of a residual branch: y = x + dropPath(f(x)). In training only; needs `key` there.
 * Follows timm's `DropPath` (with `scaleByKeep`) and torchvision's `stochastic_depth` (mode "sample"
 * is its "row"). Rate 1 drops every branch, with zero gradients. The paper does not divide in
 * training but multiplies by 1 − rate in inference.
 *
 * Reference: Huang et al., Deep Networks with Stochastic Depth, 2016,
 * https://arxiv.org/abs/1603.09382.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropPath } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dropPath({ rate: 0.5 });
 * const x = tf.ones([8, 3]);
 * const { y } = layer.apply({ params: null, state: null }, x, { training: true, key: random.key(0) });
 * const rows = y.arraySync() as number[][];
 * if (!rows.every((row) => row.every((v) => v === row[0]))) throw new Error(String(y));
 * ```
 */
export function dropPath(options: DropPathOptions): StochasticLayer {
  checkRate("dropPath", options.rate);
  return noiseLayer({ kind: "dropPath", draw: (key, x) => dropSamples(key, x, options) });
}

/** The arithmetic of {@link dropPath}, for a branch's output. */
export function dropSamples(
  key: Tensor,
  x: Tensor,
  { rate, mode = "sample", scaleByKeep = true }: DropPathOptions,
): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const maskShape = sharedShape(x.shape, mode === "batch" ? axes : axes.slice(1));
  if (scaleByKeep) return drop(key, x, rate, maskShape);
  if (rate === 0) return clone(x);
  return tidy(() => where(drawMask(key, maskShape, rate), x, zerosLike(x)));
}
