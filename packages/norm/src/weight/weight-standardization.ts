import { constant, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, mul, ones } from "@tensorflow/tfjs-core";
import { checkEps } from "../core/check.ts";
import { standardize } from "../core/standardize.ts";
import { inputAxes, type KernelParams, type OutputAxesOptions, type WithKernel } from "./kernel.ts";

/** Options of {@link weightStandardization}. */
export interface WeightStandardizationOptions extends OutputAxesOptions {
  /** Added to the variance. Default 1e-6. */
  readonly eps?: number | undefined;
  /**
   * Whether to divide by √inputs and multiply by a trained gain per output, as networks without
   * normalisation need. Default false.
   */
  readonly gain?: boolean | undefined;
}

/** A kernel to standardise, and the gain of each output or null. */
export type StandardizedKernel = { readonly weight: Tensor; readonly gain: Tensor | null };

/** The parameters of {@link weightStandardization}: the layer's, with `kernel: { weight, gain }`. */
export type WeightStandardizationParams<P> = WithKernel<P, StandardizedKernel>;

/**
 * Weight standardisation: a layer whose kernel has mean 0 and variance 1 in each output unit or filter.
 *
 * Ŵ = (W − μ) / √(σ² + ε) with mean and biased variance over all axes but the output; with `gain`,
 * g Ŵ / √n where n is the number of inputs and g starts at 1 ("scaled" weight standardisation). ε is
 * inside the root, 1e-6, as in timm; the first paper adds 1e-5 to the root.
 *
 * References: Qiao et al., 2019, https://arxiv.org/abs/1903.10520; Brock, De and Smith, 2021,
 * https://arxiv.org/abs/2101.08692 (with gain).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense } from "@layerwise/layers";
 * import { weightStandardization } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = weightStandardization(dense({ units: 3 }));
 * const { y } = layer.apply(layer.init(random.key(0), [8]), tf.ones([1, 8]));
 * if ((tf.max(tf.abs(y)).dataSync()[0] ?? 0) > 1e-4) throw new Error("weights have mean 0");
 * ```
 */
export function weightStandardization<P extends KernelParams, S extends TensorTree>(
  layer: Layer<P, S>,
  options: WeightStandardizationOptions = {},
): Layer<WeightStandardizationParams<P>, S> {
  const { outputAxes = [-1], eps = 1e-6, gain = false } = options;
  const kind = "weightStandardization";
  checkEps(kind, eps);
  return Object.freeze({
    kind: `${kind}(${layer.kind})`,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { params, state } = layer.init(key, inputShape);
        const weight = clone(params.kernel);
        const inputs = inputAxes(kind, weight, outputAxes);
        const shape = weight.shape.map((size, axis) => (inputs.includes(axis) ? 1 : size));
        const kernel = { weight, gain: gain ? ones(shape) : null };
        return { params: { ...params, kernel } as WeightStandardizationParams<P>, state };
      }),
    apply: ({ params, state }, x, applyOptions) =>
      treeTidy(() => {
        const { weight, gain: factor } = params.kernel as StandardizedKernel;
        const axes = inputAxes(kind, weight, outputAxes);
        const standardized = standardize(weight, axes, eps);
        const fanIn = axes.reduce((size, axis) => size * (weight.shape[axis] ?? 1), 1);
        const kernel =
          factor === null
            ? standardized
            : mul(standardized, mul(factor, constant(1 / Math.sqrt(fanIn))));
        const own = { ...params, kernel } as unknown as P;
        return layer.apply({ params: own, state }, x, applyOptions);
      }),
    outputShape: (inputShape) => layer.outputShape(inputShape),
  } satisfies Layer<WeightStandardizationParams<P>, S>);
}
