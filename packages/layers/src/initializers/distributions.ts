import { constant as exact, random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, fill, mul, tidy } from "@tensorflow/tfjs-core";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Initializer } from "./fans.ts";

/** Fills with zeros. For the last norm gain of a residual branch: zero-gamma (Goyal et al., 2017). */
export const zeros: Initializer = /* @__PURE__ */ constant(0);

/** Fills with ones. */
export const ones: Initializer = /* @__PURE__ */ constant(1);

/**
 * Makes an initializer that fills with a value.
 *
 * @example
 * ```ts
 * import { constant, dense } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, biasInit: constant(0.1) });
 * ```
 */
export function constant(value: number): Initializer {
  return (_key, shape) => tidy(() => fill([...shape], value));
}

/**
 * Makes an initializer that copies a tensor, which must live until the last `init`.
 *
 * @example
 * ```ts
 * import { copyOf, dense } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dense({ units: 2, biasInit: copyOf(tf.tensor1d([0.5, -0.5])) });
 * ```
 */
export function copyOf(values: Tensor): Initializer {
  return (_key, shape) => {
    if (showShape(shape) === showShape(values.shape)) return clone(values);
    const got = `got ${showShape(shape)}`;
    throw new LayerError("copyOf", `expected a parameter ${showShape(values.shape)}, ${got}`);
  };
}

/** Options of {@link uniform}: a limit on both sides, or two bounds. */
export type UniformInitOptions =
  | { readonly limit: number }
  | { readonly min: number; readonly max: number };

/**
 * Makes an initializer that draws from U(−limit, limit), or U(min, max).
 *
 * @example
 * ```ts
 * import { dense, uniform } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, kernelInit: uniform({ limit: 0.05 }) });
 * ```
 */
export function uniform(options: UniformInitOptions): Initializer {
  const [minval, maxval] =
    "limit" in options ? [-options.limit, options.limit] : [options.min, options.max];
  if (!(minval <= maxval)) {
    throw new LayerError("uniform", `expected min <= max, got ${minval} and ${maxval}`);
  }
  return (key, shape) => random.uniform(key, shape, { minval, maxval });
}

/** Options of {@link normal} and {@link truncatedNormal}. */
export interface NormalOptions {
  /** The standard deviation of the values drawn. */
  readonly stddev: number;
  /** Default 0. */
  readonly mean?: number | undefined;
}

/**
 * Makes an initializer that draws from a normal distribution.
 *
 * @example
 * ```ts
 * import { dense, normal } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, kernelInit: normal({ stddev: 0.01 }) }); // an RBM's weights
 * ```
 */
export function normal({ stddev, mean = 0 }: NormalOptions): Initializer {
  return (key, shape) => tidy(() => affine(random.normal(key, shape), stddev, mean));
}

// The standard deviation of a standard normal cut at ±2.
const cutDeviation = 0.879_625_661_034_239_8;

/**
 * Makes an initializer that draws from a normal distribution cut at two standard deviations.
 *
 * `stddev` is that of the values drawn: the loss of variance to the cut is made good by dividing by
 * 0.8796, as Keras and JAX do in their variance scaling, so that the bounds are ±2.2737 `stddev`.
 *
 * @example
 * ```ts
 * import { dense, truncatedNormal } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, kernelInit: truncatedNormal({ stddev: 0.02 }) });
 * ```
 */
export function truncatedNormal({ stddev, mean = 0 }: NormalOptions): Initializer {
  return (key, shape) =>
    tidy(() => affine(random.truncatedNormal(key, -2, 2, shape), stddev / cutDeviation, mean));
}

/** Options of {@link truncatedNormalBetween}. */
export interface TruncatedNormalBetweenOptions {
  /** The standard deviation of the normal distribution before the cut. Default 1. */
  readonly stddev?: number | undefined;
  /** The mean of the normal distribution before the cut. Default 0. */
  readonly mean?: number | undefined;
  /** The smallest value. Default −2. */
  readonly min?: number | undefined;
  /** The largest value. Default 2. */
  readonly max?: number | undefined;
}

// What random.normal can reach; beyond, erf is 1 in float32 and its inverse infinite.
const farthest = 5.4;

/**
 * Makes an initializer that draws from N(mean, stddev²) conditioned on [min, max].
 *
 * PyTorch's `trunc_normal_`: the bounds are values, not multiples of `stddev`, and nothing makes the
 * loss of variance good: stddev 1 gives 0.8796, stddev 0.02 (bounds 100 deviations away) 0.02.
 *
 * @example
 * ```ts
 * import { dense, truncatedNormalBetween } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, kernelInit: truncatedNormalBetween({ stddev: 0.02 }) }); // ViT
 * ```
 */
export function truncatedNormalBetween({
  stddev = 1,
  mean = 0,
  min = -2,
  max = 2,
}: TruncatedNormalBetweenOptions = {}): Initializer {
  const [low, high] = [(min - mean) / stddev, (max - mean) / stddev].map((bound) =>
    Math.min(Math.max(bound, -farthest), farthest),
  ) as [number, number];
  if (!(stddev > 0 && low < high)) {
    const got = `stddev ${stddev}, mean ${mean}, [${min}, ${max}]`;
    throw new LayerError(
      "truncatedNormalBetween",
      `expected bounds within ${farthest} deviations around a normal distribution, got ${got}`,
    );
  }
  return (key, shape) =>
    tidy(() => affine(random.truncatedNormal(key, low, high, shape), stddev, mean));
}

function affine(x: Tensor, scale: number, shift: number): Tensor {
  const scaled = mul(x, exact(scale));
  return shift === 0 ? scaled : add(scaled, exact(shift));
}
