import type { Shape } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { reshape } from "@tensorflow/tfjs-core";

/** Where the channels are. */
export interface LayoutOptions {
  /** Channels on the axis after the batch, as PyTorch has them, not on the last. Default false. */
  readonly channelsFirst?: boolean | undefined;
}

/** The channel axis of a batch with some number of axes. */
export function channelAxis(rank: number, channelsFirst: boolean): number {
  return channelsFirst ? 1 : rank - 1;
}

/** The number of channels of a shape without batch axis; throws where there is none. */
export function channelsOf(kind: string, inputShape: Shape, channelsFirst: boolean): number {
  const channels = channelsFirst ? inputShape[0] : inputShape.at(-1);
  if (channels !== undefined && channels > 0) return channels;
  const wanted = channelsFirst ? "[channels, ...]" : "[..., channels]";
  throw new LayerError(kind, `expected input shape ${wanted}, got ${showShape(inputShape)}`);
}

/** All axes but those given. */
export function axesBut(rank: number, ...kept: readonly number[]): number[] {
  return Array.from({ length: rank }, (_, i) => i).filter((i) => !kept.includes(i));
}

/** A vector laid along an axis, so that it broadcasts against tensors of the rank. */
export function alongAxis(vector: Tensor, rank: number, axis: number): Tensor {
  if (axis === rank - 1) return vector;
  return reshape(
    vector,
    Array.from({ length: rank }, (_, i) => (i === axis ? vector.size : 1)),
  );
}

/** Axes counted from the end made positive; throws where there is no such axis. */
export function positiveAxes(kind: string, axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => {
    const positive = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(axis) && positive >= 0 && positive < rank) return positive;
    throw new LayerError(kind, `expected an axis of a tensor of rank ${rank}, got ${axis}`);
  });
}
