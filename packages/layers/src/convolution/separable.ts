import { random, treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { add, conv2d as convolveImage, expandDims } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { lecunNormal, zeros } from "../initializers/index.ts";
import { checkUnits } from "../linear/affine.ts";
import type { DepthwiseConvOptions } from "./depthwise.ts";
import {
  checkChannels,
  checkKernel,
  fromImage,
  imageShape,
  type Layout,
  shapeOfImage,
  toImage,
} from "./image.ts";
import { convolveDepthwise, outputSizes, slideOver } from "./slide.ts";
import { windowAxes } from "./window.ts";

/** Options of {@link separableConv1d} and {@link separableConv2d}. */
export interface SeparableConvOptions extends DepthwiseConvOptions {
  /** The number of output channels. */
  readonly filters: number;
}

/** A kernel for each channel, one of size 1 across channels, and a bias [filters], or null. */
export type SeparableConvParams<Kernel extends Tensor = Tensor> = {
  readonly depthwise: Kernel;
  readonly pointwise: Kernel;
  readonly bias: Tensor1D | null;
};

/**
 * A depthwise convolution over sequences, then one of size 1: see {@link separableConv2d}.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { separableConv1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = separableConv1d({ filters: 4, kernelSize: 3 });
 * const { y } = layer.apply(layer.init(random.key(0), [8, 5]), tf.ones([2, 8, 5]));
 * if (y.shape.join() !== "2,6,4") throw new Error(String(y.shape));
 * ```
 */
export function separableConv1d(
  options: SeparableConvOptions,
): Layer<SeparableConvParams<Tensor3D>, null> {
  return separable<Tensor3D>("separableConv1d", 1, options);
}

/**
 * A depthwise convolution, then one of size 1 across channels, with nothing between: far fewer
 * parameters than {@link conv2d}.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, filters]. Kernels
 * `depthwise` [height, width, channels, multiplier] and `pointwise` [1, 1, channels · multiplier,
 * filters]; the bias is added at the end. `kernelInit` makes both.
 *
 * Reference: Chollet, 2017, https://arxiv.org/abs/1610.02357.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { separableConv2d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = separableConv2d({ filters: 4, kernelSize: 3, padding: "same" });
 * const { y } = layer.apply(layer.init(random.key(0), [8, 8, 5]), tf.ones([2, 8, 8, 5]));
 * if (y.shape.join() !== "2,8,8,4") throw new Error(String(y.shape));
 * ```
 */
export function separableConv2d(
  options: SeparableConvOptions,
): Layer<SeparableConvParams<Tensor4D>, null> {
  return separable<Tensor4D>("separableConv2d", 2, options);
}

function separable<Kernel extends Tensor>(
  kind: string,
  rank: 1 | 2,
  options: SeparableConvOptions,
): Layer<SeparableConvParams<Kernel>, null> {
  const { filters, kernelSize, multiplier = 1, strides = 1, padding = "valid" } = options;
  const { useBias = true, kernelInit = lecunNormal, biasInit = zeros } = options;
  const layout: Layout = { kind, rank, channelsFirst: options.channelsFirst ?? false };
  checkUnits(kind, filters, "filters");
  checkUnits(kind, multiplier, "outputs of each channel");
  const axes = windowAxes(
    kind,
    rank,
    ["kernelSize", kernelSize],
    strides,
    padding,
    options.dilations,
  );
  const window = axes.map(({ size }) => size);
  const one = window.map(() => 1);
  const field = window.reduce((a, b) => a * b, 1);
  const lift = (kernel: Tensor): Tensor4D =>
    (rank === 1 ? expandDims(kernel, 0) : kernel) as Tensor4D;

  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { channels } = imageShape(layout, inputShape);
        const between = channels * multiplier;
        const [first, second, third] = random.split(key, 3) as [Tensor, Tensor, Tensor];
        const fans = { fanIn: field, fanOut: field * multiplier };
        const across = { fanIn: between, fanOut: filters };
        return {
          params: {
            depthwise: kernelInit(first, [...window, channels, multiplier], fans) as Kernel,
            pointwise: kernelInit(second, [...one, between, filters], across) as Kernel,
            bias: useBias ? (biasInit(third, [filters], across) as Tensor1D) : null,
          },
          state: null,
        };
      }),
    apply: ({ params: { depthwise, pointwise, bias }, state }, x) =>
      treeTidy(() => {
        const image = toImage(layout, x);
        checkKernel(layout, depthwise, window, rank + 1, multiplier);
        checkKernel(layout, pointwise, one, rank + 1, filters);
        checkChannels(layout, x, depthwise.shape[rank] ?? 0);
        const slide = slideOver(kind, axes, image);
        const between = convolveDepthwise(image, lift(depthwise), slide) as Tensor4D;
        const product = convolveImage(between, lift(pointwise), 1, "valid");
        return { y: fromImage(layout, bias === null ? product : add(product, bias)), state };
      }),
    outputShape: (inputShape) => {
      const { spatial } = imageShape(layout, inputShape);
      return shapeOfImage(layout, outputSizes(kind, axes, spatial), filters);
    },
  } satisfies Layer<SeparableConvParams<Kernel>, null>);
}
