import { treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { add, expandDims } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { fansOf } from "../initializers/index.ts";
import { checkUnits, initAffine } from "../linear/affine.ts";
import type { ConvOptions, ConvParams } from "./conv.ts";
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
import { bothAxes, convolveTransposed, pads4D } from "./slide.ts";
import { type Pads, type PerAxis, reach, type WindowAxis, windowAxes } from "./window.ts";

/** Options of {@link conv1dTransposed} and {@link conv2dTransposed}. */
export interface ConvTransposedOptions extends ConvOptions {
  /**
   * Elements to add at the end, each less than the stride: a convolution with strides makes the
   * same output of inputs of several sizes. Default 0.
   */
  readonly outputPadding?: PerAxis | undefined;
}

/**
 * The transpose of {@link conv1d}: [batch, length, channels] to [batch, longer, filters].
 *
 * Kernel [kernelSize, filters / groups, channels]: that of the convolution it transposes. Sizes as
 * in {@link conv2dTransposed}.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { conv1dTransposed } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = conv1dTransposed({ filters: 2, kernelSize: 4, strides: 2, padding: 1 });
 * const { y } = layer.apply(layer.init(random.key(0), [5, 3]), tf.ones([1, 5, 3]));
 * if (y.shape.join() !== "1,10,2") throw new Error(String(y.shape));
 * ```
 */
export function conv1dTransposed(
  options: ConvTransposedOptions,
): Layer<ConvParams<Tensor3D>, null> {
  return transposed<Tensor3D>("conv1dTransposed", 1, options);
}

/**
 * The transpose of {@link conv2d}, also called deconvolution: the linear map that gives the
 * gradient of a convolution's input, plus a bias.
 *
 * Input [batch, rows, columns, channels], output [batch, height, width, filters]. Strides, padding,
 * dilations and groups are those of the convolution it transposes, from output to input; the kernel
 * [height, width, filters / groups, channels] is, too, so that the two can share one (`tie`). Each
 * size becomes (size − 1) · stride + (kernelSize − 1) · dilation + 1 − before − after +
 * outputPadding, as in PyTorch (kernel there [channels, filters / groups, height, width]); with
 * "same", size · stride, as in Keras. Keras's "valid" never makes less than size · stride: where the
 * stride is larger than the kernel, set `outputPadding` to their difference.
 *
 * Initializers see fanIn = channels / groups · window, not divided by the strides.
 *
 * Reference: Zeiler et al., 2010, https://doi.org/10.1109/CVPR.2010.5539957.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { conv2dTransposed } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = conv2dTransposed({ filters: 1, kernelSize: 3, strides: 2, padding: "same" });
 * const { y } = layer.apply(layer.init(random.key(0), [14, 14, 8]), tf.ones([2, 14, 14, 8]));
 * if (y.shape.join() !== "2,28,28,1") throw new Error(String(y.shape));
 * ```
 */
export function conv2dTransposed(
  options: ConvTransposedOptions,
): Layer<ConvParams<Tensor4D>, null> {
  return transposed<Tensor4D>("conv2dTransposed", 2, options);
}

function transposed<Kernel extends Tensor>(
  kind: string,
  rank: 1 | 2,
  options: ConvTransposedOptions,
): Layer<ConvParams<Kernel>, null> {
  const { filters, kernelSize, strides = 1, padding = "valid", dilations = 1 } = options;
  const { groups = 1, channelsFirst = false, outputPadding = 0 } = options;
  const layout: Layout = { kind, rank, channelsFirst };
  checkUnits(kind, filters, "filters");
  checkGroups(kind, groups, "filters", filters);
  const axes = windowAxes(kind, rank, ["kernelSize", kernelSize], strides, padding, dilations);
  const extra = extraOf(kind, outputPadding, axes);
  if (padding === "same" && extra.some((n) => n > 0)) {
    throw new LayerError(
      kind,
      `expected no outputPadding with padding "same", got ${outputPadding}`,
    );
  }
  const window = axes.map(({ size }) => size);

  return Object.freeze({
    kind,
    init: (key, inputShape) =>
      treeTidy(() => {
        const { channels } = imageShape(layout, inputShape);
        checkGroups(kind, groups, "channels", channels);
        const shape = [...window, filters / groups, channels];
        const fans = fansOf([...window, filters / groups, channels / groups], "HWOI");
        const { kernel, bias } = initAffine(key, shape, filters, fans, options);
        return { params: { kernel: kernel as Kernel, bias }, state: null };
      }),
    apply: ({ params: { kernel, bias }, state }, x) =>
      treeTidy(() => {
        const image = toImage(layout, x);
        checkKernel(layout, kernel, window, rank, filters / groups);
        checkChannels(layout, x, kernel.shape[rank + 1] ?? 0);
        const filter = (rank === 1 ? expandDims(kernel, 0) : kernel) as Tensor4D;
        const [rows, columns] = bothAxes(axes);
        const sizes = sizesOf(kind, axes, extra, image.shape.slice(3 - rank, 3));
        const [height, width] = [rank === 1 ? 1 : (sizes[0] ?? 1), sizes.at(-1) ?? 1];
        const slide = {
          size: [rows.size, columns.size] as [number, number],
          strides: [rows.stride, columns.stride] as [number, number],
          dilations: [rows.dilation, columns.dilation] as [number, number],
          pads: pads4D(overlap(rows), overlap(columns)),
        };
        const product = convolveTransposed(image, filter, slide, [height, width], groups);
        return { y: fromImage(layout, bias === null ? product : add(product, bias)), state };
      }),
    outputShape: (inputShape) => {
      const { spatial, channels } = imageShape(layout, inputShape);
      checkGroups(kind, groups, "channels", channels);
      return shapeOfImage(layout, sizesOf(kind, axes, extra, spatial), filters);
    },
  } satisfies Layer<ConvParams<Kernel>, null>);
}

/** What the transposed convolution cuts off: the padding of the convolution from size · stride. */
function overlap(axis: WindowAxis): Pads {
  const { padding, stride } = axis;
  if (padding === "valid") return [0, 0];
  if (padding === "causal") return [reach(axis) - 1, 0];
  if (padding !== "same") return padding;
  const total = Math.max(reach(axis) - stride, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function sizesOf(
  kind: string,
  axes: readonly WindowAxis[],
  extra: readonly number[],
  spatial: readonly number[],
): number[] {
  return axes.map((axis, i) => {
    const [before, after] = overlap(axis);
    const length = spatial[i] ?? 0;
    const whole = (length - 1) * axis.stride + reach(axis) + (extra[i] ?? 0);
    const size = axis.padding === "same" ? length * axis.stride : whole - before - after;
    if (size >= 1) return size;
    throw new LayerError(
      kind,
      `expected padding that leaves something of spatial axis ${i}, got ${size} elements`,
    );
  });
}

function extraOf(kind: string, value: PerAxis, axes: readonly WindowAxis[]): number[] {
  const list = typeof value === "number" ? axes.map(() => value) : [...value];
  const fits = list.every((n, i) => Number.isInteger(n) && n >= 0 && n < (axes[i]?.stride ?? 0));
  if (list.length === axes.length && fits) return list;
  const wanted = "expected outputPadding: whole numbers less than the strides";
  throw new LayerError(kind, `${wanted}, got ${JSON.stringify(value)}`);
}
