import { treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { add, expandDims } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { fansOf } from "../initializers/index.ts";
import { type AffineInits, checkUnits, initAffine } from "../linear/affine.ts";
import { checkGroups } from "./groups.ts";
import {
  checkChannels,
  checkKernel,
  fromImage,
  imageShape,
  type Layout,
  shapeOfImage,
  toImage,
} from "./image.ts";
import { convolve, outputSizes, slideOver } from "./slide.ts";
import { type PerAxis, type WindowOptions, windowAxes } from "./window.ts";

/** Options of {@link conv1d} and {@link conv2d}. */
export interface ConvOptions extends AffineInits, WindowOptions {
  /** The number of output channels. */
  readonly filters: number;
  /** The size of the window. */
  readonly kernelSize: PerAxis;
  /** The distance of neighbours in the window. Default 1. Works with strides, too. */
  readonly dilations?: PerAxis | undefined;
  /** Into how many groups of channels input and output fall, each a convolution. Default 1. */
  readonly groups?: number | undefined;
}

/** A kernel of a convolution and a bias [filters], or null. */
export type ConvParams<Kernel extends Tensor = Tensor> = {
  readonly kernel: Kernel;
  readonly bias: Tensor1D | null;
};

/**
 * A convolution over sequences: yₜ = Σⱼ x at (t · stride + j · dilation − before) · Wⱼ + b.
 *
 * Input [batch, length, channels], output [batch, places, filters] with
 * places = ⌊(length + before + after − (kernelSize − 1) · dilation − 1) / stride⌋ + 1. Kernel
 * [kernelSize, channels / groups, filters]; PyTorch has [filters, channels / groups, kernelSize].
 * The kernel is not flipped, as in all libraries. Padding "causal" lets no output see later inputs.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { conv1d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = conv1d({ filters: 4, kernelSize: 3, padding: "causal", dilations: 2 });
 * const { y } = layer.apply(layer.init(random.key(0), [10, 2]), tf.ones([5, 10, 2]));
 * if (y.shape.join() !== "5,10,4") throw new Error(String(y.shape));
 * ```
 */
export function conv1d(options: ConvOptions): Layer<ConvParams<Tensor3D>, null> {
  return convolution<Tensor3D>("conv1d", 1, options);
}

/**
 * A convolution over images: y at (i, j) = Σ x at (i · s + k · d − p, …) · W at (k, …) + b.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, filters], each size
 * ⌊(size + before + after − (kernelSize − 1) · dilation − 1) / stride⌋ + 1. Kernel [height, width,
 * channels / groups, filters]; PyTorch has [filters, channels / groups, height, width]. Groups are
 * consecutive channels. The default padding "valid" is that of Keras and PyTorch (Flax: "same").
 *
 * Reference: LeCun et al., 1998, https://doi.org/10.1109/5.726791; Dumoulin and Visin, 2016 (the
 * arithmetic of sizes), https://arxiv.org/abs/1603.07285.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { conv2d } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: "same" });
 * const { y } = layer.apply(layer.init(random.key(0), [28, 28, 1]), tf.ones([2, 28, 28, 1]));
 * if (y.shape.join() !== "2,14,14,8") throw new Error(String(y.shape));
 * ```
 */
export function conv2d(options: ConvOptions): Layer<ConvParams<Tensor4D>, null> {
  return convolution<Tensor4D>("conv2d", 2, options);
}

function convolution<Kernel extends Tensor>(
  kind: string,
  rank: 1 | 2,
  options: ConvOptions,
): Layer<ConvParams<Kernel>, null> {
  const { filters, kernelSize, strides = 1, padding = "valid", dilations = 1 } = options;
  const { groups = 1, channelsFirst = false } = options;
  const layout: Layout = { kind, rank, channelsFirst };
  checkUnits(kind, filters, "filters");
  checkGroups(kind, groups, "filters", filters);
  const axes = windowAxes(kind, rank, ["kernelSize", kernelSize], strides, padding, dilations);
  const sizes = axes.map(({ size }) => size);

  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { channels } = imageShape(layout, inputShape);
        checkGroups(kind, groups, "channels", channels);
        const shape = [...sizes, channels / groups, filters];
        const fans = fansOf([...sizes, channels / groups, filters / groups]);
        const { kernel, bias } = initAffine(key, shape, filters, fans, options);
        return { params: { kernel: kernel as Kernel, bias }, state: null };
      }),
    apply: ({ params: { kernel, bias }, state }, x) =>
      treeTidy(() => {
        const image = toImage(layout, x);
        checkKernel(layout, kernel, sizes, rank + 1, filters);
        checkChannels(layout, x, (kernel.shape[rank] ?? 0) * groups);
        const filter = (rank === 1 ? expandDims(kernel, 0) : kernel) as Tensor4D;
        const product = convolve(image, filter, slideOver(kind, axes, image), groups);
        return { y: fromImage(layout, bias === null ? product : add(product, bias)), state };
      }),
    outputShape: (inputShape) => {
      const { spatial, channels } = imageShape(layout, inputShape);
      checkGroups(kind, groups, "channels", channels);
      return shapeOfImage(layout, outputSizes(kind, axes, spatial), filters);
    },
  } satisfies Layer<ConvParams<Kernel>, null>);
}
