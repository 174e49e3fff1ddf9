import { random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, fill, mul, tidy } from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";

/** The number of inputs that reach one unit and of outputs that one input reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Makes a parameter from a random key and its shape.
 *
 * Layers pass the fans of their kernel, which a bias's own shape does not tell.
 */
export type Initializer = (key: Tensor, shape: Shape, fans?: Fans) => Tensor;

/**
 * Returns the fans of a kernel whose last two axes are inputs and outputs and whose other axes are
 * the receptive field; for one axis or none, its size counts as both.
 *
 * @example
 * ```ts
 * import { fansOf } from "@layerwise/layers";
 *
 * const { fanIn, fanOut } = fansOf([3, 3, 4, 8]);
 * if (fanIn !== 36 || fanOut !== 72) throw new Error(`${fanIn} ${fanOut}`);
 * ```
 */
export function fansOf(shape: Shape): Fans {
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length < 2) return { fanIn: size, fanOut: size };
  const [inputs, outputs] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  return { fanIn: size / outputs, fanOut: size / inputs };
}

/** Options of {@link varianceScaling}. */
export interface VarianceScalingOptions {
  /** The gain on the variance. Default 1. */
  readonly scale?: number | undefined;
  /** What the variance is divided by. Default "fanIn". */
  readonly mode?: "fanIn" | "fanOut" | "fanAverage" | undefined;
  /** Default "truncatedNormal": cut at two standard deviations, variance restored. */
  readonly distribution?: "uniform" | "normal" | "truncatedNormal" | undefined;
}

/**
 * Makes an initializer with mean 0 and variance scale / n, where n is a fan or their average.
 *
 * @example
 * ```ts
 * import { dense, varianceScaling } from "@layerwise/layers";
 *
 * // What sigmoid units need: Glorot's limits times four.
 * const kernelInit = varianceScaling({ scale: 16, mode: "fanAverage", distribution: "uniform" });
 * const layer = dense({ units: 30, kernelInit });
 * ```
 */
export function varianceScaling({
  scale = 1,
  mode = "fanIn",
  distribution = "truncatedNormal",
}: VarianceScalingOptions = {}): Initializer {
  return (key, shape, fans = fansOf(shape)) => {
    const { fanIn, fanOut } = fans;
    const n = { fanIn, fanOut, fanAverage: (fanIn + fanOut) / 2 }[mode];
    const stddev = Math.sqrt(scale / Math.max(n, 1));
    if (distribution === "uniform") return uniform({ limit: Math.sqrt(3) * stddev })(key, shape);
    return (distribution === "normal" ? normal : truncatedNormal)({ stddev })(key, shape);
  };
}

/** Draws from U(−√(6 / (fanIn + fanOut)), +…). Glorot and Bengio, 2010. */
export const glorotUniform: Initializer = /* @__PURE__ */ varianceScaling({
  mode: "fanAverage",
  distribution: "uniform",
});

/** Draws from a truncated normal with variance 2 / (fanIn + fanOut). Glorot and Bengio, 2010. */
export const glorotNormal: Initializer = /* @__PURE__ */ varianceScaling({ mode: "fanAverage" });

/** Draws from U(−√(6 / fanIn), +…). He et al., 2015. */
export const heUniform: Initializer = /* @__PURE__ */ varianceScaling({
  scale: 2,
  distribution: "uniform",
});

/** Draws from a truncated normal with variance 2 / fanIn. He et al., 2015. */
export const heNormal: Initializer = /* @__PURE__ */ varianceScaling({ scale: 2 });

/** Draws from a truncated normal with variance 1 / fanIn. LeCun et al., 1998. */
export const lecunNormal: Initializer = /* @__PURE__ */ varianceScaling();

/**
 * Draws from U(−1/√fanIn, +1/√fanIn): the initializer of the pre-training papers (Erhan et al.,
 * 2010), and PyTorch's default for kernels and biases.
 */
export const uniformFanIn: Initializer = /* @__PURE__ */ varianceScaling({
  scale: 1 / 3,
  distribution: "uniform",
});

/** Fills with zeros. */
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
  return (_key, shape) => fill([...shape], value);
}

/** Makes an initializer that draws from U(−limit, limit). */
export function uniform({ limit }: { readonly limit: number }): Initializer {
  return (key, shape) => random.uniform(key, shape, { minval: -limit, maxval: limit });
}

/** Options of {@link normal} and {@link truncatedNormal}. */
export interface NormalOptions {
  /** The standard deviation of the values drawn. */
  readonly stddev: number;
  /** Default 0. */
  readonly mean?: number | undefined;
}

/** Makes an initializer that draws from a normal distribution. */
export function normal({ stddev, mean = 0 }: NormalOptions): Initializer {
  return (key, shape) => tidy(() => add(mul(random.normal(key, shape), stddev), mean));
}

// The standard deviation of a standard normal cut at ±2.
const cutDeviation = 0.879_625_661_034_239_8;

/**
 * Makes an initializer that draws from a normal distribution cut at two standard deviations.
 *
 * `stddev` is that of the values drawn: the loss of variance to the cut is made good.
 */
export function truncatedNormal({ stddev, mean = 0 }: NormalOptions): Initializer {
  return (key, shape) =>
    tidy(() => add(mul(random.truncatedNormal(key, -2, 2, shape), stddev / cutDeviation), mean));
}
