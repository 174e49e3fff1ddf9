import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { expandDims, squeeze, transpose } from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";

/** The parts of the shape of an image, or of a sequence. */
export interface ImageShape {
  readonly spatial: readonly number[];
  readonly channels: number;
}

/** Where the axes of the input of a layer lie. */
export interface Layout {
  readonly kind: string;
  /** The number of spatial axes: 1 or 2. */
  readonly rank: 1 | 2;
  readonly channelsFirst: boolean;
}

/** Takes a shape without batch axis apart; throws where it has another number of axes. */
export function imageShape(layout: Layout, inputShape: Shape): ImageShape {
  const { kind, channelsFirst } = layout;
  const channels = channelsFirst ? inputShape[0] : inputShape.at(-1);
  if (inputShape.length !== layout.rank + 1 || channels === undefined || channels < 1) {
    const wanted = `expected input shape ${axisNames(layout)}`;
    throw new LayerError(kind, `${wanted}, got ${showShape(inputShape)}`);
  }
  return { spatial: channelsFirst ? inputShape.slice(1) : inputShape.slice(0, -1), channels };
}

/** Puts a shape without batch axis together. */
export function shapeOfImage({ channelsFirst }: Layout, spatial: Shape, channels: number): Shape {
  return channelsFirst ? [channels, ...spatial] : [...spatial, channels];
}

/** A batch as [batch, height, width, channels]; sequences have height 1. */
export function toImage(layout: Layout, x: Tensor): Tensor4D {
  if (x.rank !== layout.rank + 2) {
    const wanted = `expected input [batch, ${axisNames(layout).slice(1)}`;
    throw new LayerError(layout.kind, `${wanted}, got ${showShape(x.shape)}`);
  }
  const last = layout.channelsFirst
    ? transpose(x, layout.rank === 1 ? [0, 2, 1] : [0, 2, 3, 1])
    : x;
  return (layout.rank === 1 ? expandDims(last, 1) : last) as Tensor4D;
}

/** The inverse of {@link toImage}. */
export function fromImage({ rank, channelsFirst }: Layout, y: Tensor): Tensor {
  const last = rank === 1 ? squeeze(y, [1]) : y;
  return channelsFirst ? transpose(last, rank === 1 ? [0, 2, 1] : [0, 3, 1, 2]) : last;
}

/** Throws unless the input has as many channels as the layer's parameters. */
export function checkChannels(layout: Layout, x: Tensor, channels: number): void {
  const got = layout.channelsFirst ? x.shape[1] : x.shape.at(-1);
  if (got === channels) return;
  const detail = `expected ${channels} channels, got ${got} (input ${showShape(x.shape)})`;
  throw new LayerError(layout.kind, detail);
}

/** Throws unless a kernel has the window of the layer, and as many outputs on an axis. */
export function checkKernel(
  { kind, rank }: Layout,
  kernel: Tensor,
  window: readonly number[],
  axis: number,
  outputs: number,
): void {
  const { shape } = kernel;
  const fits = window.every((n, i) => shape[i] === n) && shape[axis] === outputs;
  if (fits && shape.length === rank + 2) return;
  const names = [...window.map(String), "*", "*"].map((n, i) => (i === axis ? outputs : n));
  throw new LayerError(kind, `expected a kernel [${names.join(", ")}], got ${showShape(shape)}`);
}

function axisNames({ rank, channelsFirst }: Layout): string {
  const spatial = rank === 1 ? "length" : "height, width";
  return channelsFirst ? `[channels, ${spatial}]` : `[${spatial}, channels]`;
}
