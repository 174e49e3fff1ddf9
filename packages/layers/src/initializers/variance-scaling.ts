import { LayerError } from "../core/layer-error.ts";
import { normal, truncatedNormal, uniform } from "./distributions.ts";
import type { Initializer } from "./fans.ts";
import { fansOf } from "./fans.ts";

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
 * The uniform distribution has the limits ±√(3 scale / n). The scheme and its names are Keras's and
 * JAX's; PyTorch squares a gain in place of `scale` and does not cut its normals: {@link kaiming},
 * {@link xavier}. Fans are those that a layer gives, or {@link fansOf} the shape.
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
  if (!(scale > 0 && scale < Infinity)) {
    throw new LayerError("varianceScaling", `expected a finite positive scale, got ${scale}`);
  }
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

/** Draws from U(−√(3 / fanIn), +…). LeCun et al., 1998. */
export const lecunUniform: Initializer = /* @__PURE__ */ varianceScaling({
  distribution: "uniform",
});

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
