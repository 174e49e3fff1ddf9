import { LayerError } from "../core/layer-error.ts";
import type { Initializer } from "./fans.ts";
import { varianceScaling } from "./variance-scaling.ts";

/** The activations with a known gain. */
export type GainName = "linear" | "identity" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

const gains: { readonly [Name in Exclude<GainName, "leakyRelu">]: number } = {
  linear: 1,
  identity: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 3 / 4,
};

/**
 * The factor on the weights that makes good what an activation takes from the deviation.
 *
 * 1 for linear units, identity and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + a²)) for a leaky
 * relu of slope a (default 0.01), 3/4 for selu. PyTorch's `calculate_gain`: √2 follows from theory
 * (He et al., 2015, https://arxiv.org/abs/1502.01852), 5/3 and 3/4 are its rules of thumb.
 *
 * @example
 * ```ts
 * import { gainOf, orthogonal } from "@layerwise/layers";
 *
 * const kernelInit = orthogonal({ gain: gainOf("relu") });
 * if (Math.abs(gainOf("leakyRelu", 0.2) - 1.3867504905630728) > 1e-15) throw new Error("gain");
 * ```
 */
export function gainOf(name: GainName, negativeSlope = 0.01): number {
  if (name === "leakyRelu") return Math.sqrt(2 / (1 + negativeSlope ** 2));
  if (Object.hasOwn(gains, name)) return gains[name];
  const known = [...Object.keys(gains), "leakyRelu"].join(", ");
  throw new LayerError("gainOf", `expected one of ${known}, got ${JSON.stringify(name)}`);
}

/** Options of {@link kaiming}. */
export interface KaimingOptions {
  /** What the variance is divided by. Default "fanIn". */
  readonly mode?: "fanIn" | "fanOut" | undefined;
  /** The activation that follows. Default "relu". */
  readonly nonlinearity?: GainName | undefined;
  /** The slope of a leaky relu. Default 0.01. */
  readonly negativeSlope?: number | undefined;
  /** Default "normal". */
  readonly distribution?: "normal" | "uniform" | undefined;
}

/**
 * He's initializer as PyTorch has it: variance gain² / fan, the normal not cut.
 *
 * `kaiming_normal_` and `kaiming_uniform_`; PyTorch's defaults are a leaky relu of slope 0, whose
 * gain is that of relu. {@link heNormal} is Keras's and JAX's, of a truncated normal.
 * He et al., 2015, https://arxiv.org/abs/1502.01852.
 *
 * @example
 * ```ts
 * import { dense, kaiming } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, kernelInit: kaiming({ mode: "fanOut" }) });
 * ```
 */
export function kaiming({
  mode = "fanIn",
  nonlinearity = "relu",
  negativeSlope,
  distribution = "normal",
}: KaimingOptions = {}): Initializer {
  const gain = gainOf(nonlinearity, negativeSlope);
  return varianceScaling({ scale: gain ** 2, mode, distribution });
}

/** Options of {@link xavier}. */
export interface XavierOptions {
  /** The factor on the deviation. Default 1. */
  readonly gain?: number | undefined;
  /** Default "normal". */
  readonly distribution?: "normal" | "uniform" | undefined;
}

/**
 * Glorot's initializer as PyTorch has it: variance 2 gain² / (fanIn + fanOut), the normal not cut.
 *
 * `xavier_normal_` and `xavier_uniform_`. {@link glorotNormal} is Keras's and JAX's, of a truncated
 * normal. Glorot and Bengio, 2010, https://proceedings.mlr.press/v9/glorot10a.html.
 *
 * @example
 * ```ts
 * import { dense, gainOf, xavier } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, kernelInit: xavier({ gain: gainOf("tanh") }) });
 * ```
 */
export function xavier({ gain = 1, distribution = "normal" }: XavierOptions = {}): Initializer {
  return varianceScaling({ scale: gain ** 2, mode: "fanAverage", distribution });
}
