import { treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { add, expandDims } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { type AffineInits, checkUnits, initAffine } from "../linear/affine.ts";
import type { ConvParams } from "./conv.ts";
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
import { type PerAxis, type WindowOptions, windowAxes } from "./window.ts";

/** Options of {@link depthwiseConv1d} and {@link depthwiseConv2d}. */
export interface DepthwiseConvOptions extends AffineInits, WindowOptions {
  /** The size of the window. */
  readonly kernelSize: PerAxis;
  /** The number of outputs of each channel. Default 1. */
  readonly multiplier?: number | undefined;
  /** The distance of neighbours in the window. Default 1. */
  readonly dilations?: PerAxis | undefined;
}

/**
 * A convolution of each channel of a sequence with filters of its own.
 *
 * Input [batch, length, channels], output [batch, places, channels · multiplier]; kernel
 * [kernelSize, channels, multiplier]. See {@link depthwiseConv2d}.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { depthwiseConv1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = depthwiseConv1d({ kernelSize: 3, padding: "same" });
 * const { y } = layer.apply(layer.init(random.key(0), [8, 5]), tf.ones([2, 8, 5]));
 * if (y.shape.join() !== "2,8,5") throw new Error(String(y.shape));
 * ```
 */
export function depthwiseConv1d(options: DepthwiseConvOptions): Layer<ConvParams<Tensor3D>, null> {
  return depthwise<Tensor3D>("depthwiseConv1d", 1, options);
}

/**
 * A convolution of each channel of an image with filters of its own: `multiplier` outputs of each.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, channels · multiplier],
 * channel by channel; kernel [height, width, channels, multiplier]. It is {@link conv2d} with as
 * many groups as channels, which PyTorch uses for it; fans are those of one filter, the window
 * (Keras counts the input channels, too).
 *
 * Reference: Sifre, 2014, https://arxiv.org/abs/1403.1687 (chapter 6).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { depthwiseConv2d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = depthwiseConv2d({ kernelSize: 3, multiplier: 2 });
 * const { y } = layer.apply(layer.init(random.key(0), [8, 8, 5]), tf.ones([2, 8, 8, 5]));
 * if (y.shape.join() !== "2,6,6,10") throw new Error(String(y.shape));
 * ```
 */
export function depthwiseConv2d(options: DepthwiseConvOptions): Layer<ConvParams<Tensor4D>, null> {
  return depthwise<Tensor4D>("depthwiseConv2d", 2, options);
}

function depthwise<Kernel extends Tensor>(
  kind: string,
  rank: 1 | 2,
  options: DepthwiseConvOptions,
): Layer<ConvParams<Kernel>, null> {
  const { kernelSize, multiplier = 1, strides = 1, padding = "valid", dilations = 1 } = options;
  const layout: Layout = { kind, rank, channelsFirst: options.channelsFirst ?? false };
  checkUnits(kind, multiplier, "outputs of each channel");
  const axes = windowAxes(kind, rank, ["kernelSize", kernelSize], strides, padding, dilations);
  const window = axes.map(({ size }) => size);
  const field = window.reduce((a, b) => a * b, 1);

  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { channels } = imageShape(layout, inputShape);
        const fans = { fanIn: field, fanOut: field * multiplier };
        const shape = [...window, channels, multiplier];
        const { kernel, bias } = initAffine(key, shape, channels * multiplier, fans, options);
        return { params: { kernel: kernel as Kernel, bias }, state: null };
      }),
    apply: ({ params: { kernel, bias }, state }, x) =>
      treeTidy(() => {
        const image = toImage(layout, x);
        checkKernel(layout, kernel, window, rank + 1, multiplier);
        checkChannels(layout, x, kernel.shape[rank] ?? 0);
        const filter = (rank === 1 ? expandDims(kernel, 0) : kernel) as Tensor4D;
        const product = convolveDepthwise(image, filter, slideOver(kind, axes, image));
        return { y: fromImage(layout, bias === null ? product : add(product, bias)), state };
      }),
    outputShape: (inputShape) => {
      const { spatial, channels } = imageShape(layout, inputShape);
      return shapeOfImage(layout, outputSizes(kind, axes, spatial), channels * multiplier);
    },
  } satisfies Layer<ConvParams<Kernel>, null>);
}
