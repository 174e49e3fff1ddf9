import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import {
  concat,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  pad,
  reshape,
  slice,
  split,
} from "@tensorflow/tfjs-core";
import { LayerError, showShape } from "../core/layer-error.ts";
import { type Pads, padsOf, placesOf, reach, type WindowAxis } from "./window.ts";

type Pair = [number, number];
type Pads4D = [Pair, Pair, Pair, Pair];

/** The numbers that tfjs wants of a window over [batch, height, width, channels]. */
export interface Slide {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads4D;
}

const single: WindowAxis = { size: 1, stride: 1, dilation: 1, padding: "valid" };

/** Lays a window over a batch of images; throws where it does not fit. */
export function slideOver(kind: string, axes: readonly WindowAxis[], x: Tensor4D): Slide {
  const [rows, columns] = bothAxes(axes);
  const spatial = x.shape.slice(3 - axes.length, 3);
  outputSizes(kind, axes, spatial);
  return {
    size: [rows.size, columns.size],
    strides: [rows.stride, columns.stride],
    dilations: [rows.dilation, columns.dilation],
    pads: pads4D(padsOf(rows, x.shape[1]), padsOf(columns, x.shape[2])),
  };
}

/** The sizes of what a window makes of axes of some sizes; throws where it does not fit. */
export function outputSizes(
  kind: string,
  axes: readonly WindowAxis[],
  spatial: readonly number[],
): number[] {
  return axes.map((axis, i) => {
    const length = spatial[i] ?? 0;
    const places = placesOf(axis, length);
    if (places >= 1) return places;
    const [before, after] = padsOf(axis, length);
    const least = reach(axis) - before - after;
    const wanted = `expected spatial axis ${i} to have at least ${least} elements`;
    throw new LayerError(kind, `${wanted}, got ${length} (spatial axes ${showShape(spatial)})`);
  });
}

/** A convolution with a kernel [height, width, inputs / groups, outputs]. */
export function convolve(x: Tensor4D, kernel: Tensor4D, slide: Slide, groups: number): Tensor {
  const [filter, { strides, pads, dilations }] = undilated(kernel, slide);
  if (groups === 1) return conv2d(x, filter, strides, pads, "NHWC", dilations);
  const channels = x.shape[3];
  if (groups === channels) {
    const [height, width, , outputs] = filter.shape;
    const separate = reshape(filter, [height, width, channels, outputs / channels]) as Tensor4D;
    return depthwiseConv2d(x, separate, strides, pads, "NHWC", dilations);
  }
  // tfjs has no groups: each is a convolution of its own.
  const filters = split<Tensor4D>(filter, groups, 3);
  const parts = split<Tensor4D>(x, groups, 3).map((part, i) =>
    conv2d(part, filters[i] as Tensor4D, strides, pads, "NHWC", dilations),
  );
  return concat(parts, 3);
}

/** A convolution of each channel with its own filters, [height, width, inputs, multiplier]. */
export function convolveDepthwise(x: Tensor4D, kernel: Tensor4D, slide: Slide): Tensor {
  const [filter, { strides, pads, dilations }] = undilated(kernel, slide);
  return depthwiseConv2d(x, filter, strides, pads, "NHWC", dilations);
}

/** The transpose of a convolution, with the kernel of that: [height, width, outputs / groups, inputs]. */
export function convolveTransposed(
  x: Tensor4D,
  kernel: Tensor4D,
  slide: Slide,
  sizes: Pair,
  groups: number,
): Tensor {
  const filter = dilate(kernel, slide.dilations);
  const outputs = filter.shape[2];
  const shape: [number, number, number, number] = [x.shape[0], ...sizes, outputs];
  const { strides, pads } = slide;
  if (groups === 1) return conv2dTranspose(x, filter, shape, strides, pads);
  const filters = split<Tensor4D>(filter, groups, 3);
  const parts = split<Tensor4D>(x, groups, 3).map((part, i) =>
    conv2dTranspose(part, filters[i] as Tensor4D, shape, strides, pads),
  );
  return concat(parts, 3);
}

/** A window per axis of an image; one for sequences has a row of height 1 above. */
export function bothAxes(axes: readonly WindowAxis[]): [WindowAxis, WindowAxis] {
  const [first = single, second] = axes;
  return second === undefined ? [single, first] : [first, second];
}

/** Explicit padding as tfjs takes it. */
export function pads4D([top, bottom]: Pads, [left, right]: Pads): Pads4D {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

// tfjs refuses strides together with dilations; a kernel with zeros between needs no dilations.
function undilated(kernel: Tensor4D, slide: Slide): [Tensor4D, Slide] {
  const strided = slide.strides.some((n) => n > 1);
  if (!strided || slide.dilations.every((n) => n === 1)) return [kernel, slide];
  return [dilate(kernel, slide.dilations), { ...slide, dilations: [1, 1] }];
}

function dilate(kernel: Tensor4D, [down, across]: Pair): Tensor4D {
  if (down === 1 && across === 1) return kernel;
  const [height, width, inputs, outputs] = kernel.shape;
  const cells = reshape(kernel, [height, 1, width, 1, inputs * outputs]);
  const spread = pad(cells, [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const whole = reshape(spread, [height * down, width * across, inputs, outputs]) as Tensor4D;
  const sizes = [(height - 1) * down + 1, (width - 1) * across + 1, inputs, outputs];
  return slice(whole, [0, 0, 0, 0], sizes as [number, number, number, number]);
}
