import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { channelAxis } from "./axes.ts";

/** Throws unless ε is finite and not negative. */
export function checkEps(kind: string, eps: number): void {
  if (eps >= 0 && eps < Infinity) return;
  throw new LayerError(kind, `expected a finite eps of at least 0, got ${eps}`);
}

/** Throws unless a number is whole and at least 1. */
export function checkCount(kind: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new LayerError(kind, `expected ${name} to be a positive whole number, got ${value}`);
}

/** Throws unless the input has at least some number of axes, batch included. */
export function checkRank(kind: string, x: Tensor, least: number, wanted: string): void {
  if (x.rank >= least) return;
  throw new LayerError(kind, `expected input ${wanted}, got ${showShape(x.shape)}`);
}

/** The channel axis of a batch; throws where the channels are not those of the vectors. */
export function checkBatch(
  kind: string,
  x: Tensor,
  channelsFirst: boolean,
  vectors: readonly (Tensor | null)[],
): number {
  checkRank(kind, x, 2, channelsFirst ? "[batch, channels, ...]" : "[batch, ..., channels]");
  const axis = channelAxis(x.rank, channelsFirst);
  const got = x.shape[axis];
  const wrong = vectors.find((vector) => vector !== null && vector.size !== got);
  if (!wrong) return axis;
  const wanted = `expected ${channelsFirst ? "channel" : "last"} axis ${wrong.size}`;
  throw new LayerError(kind, `${wanted}, got ${got} (input ${showShape(x.shape)})`);
}

/** The number of values that a channel has. */
export function valuesPerChannel(x: Tensor, axis: number): number {
  return x.size / (x.shape[axis] ?? 1);
}

/** Throws where a batch has only one value per channel: its variance says nothing. */
export function checkEnough(kind: string, x: Tensor, axis: number): void {
  if (valuesPerChannel(x, axis) > 1) return;
  const wanted = "expected more than one value per channel in training";
  throw new LayerError(kind, `${wanted}, got input ${showShape(x.shape)}`);
}

/** Throws unless a batch has spatial axes, with at least some number of positions. */
export function checkSpace(kind: string, x: Tensor, axis: number, least: number): void {
  const positions = x.size / ((x.shape[0] ?? 1) * (x.shape[axis] ?? 1));
  if (x.rank > 2 && positions >= least) return;
  const wanted = `expected spatial axes with at least ${least} position${least === 1 ? "" : "s"}`;
  throw new LayerError(kind, `${wanted}, got input ${showShape(x.shape)}`);
}
