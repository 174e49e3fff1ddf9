import { at } from "@layerwise/autodiff/executor";
import { type Buffer, elementBytes } from "../kernel/kernel.ts";
import type { Nest } from "./nest.ts";
import { readsOf, writesOf } from "./plan.ts";

/** Pairs of a written and a read buffer. */
export type InPlace = readonly (readonly [write: Buffer, read: Buffer])[];

/**
 * The buffers a loop can write over the ones it reads: every load of the one is of the very element
 * that the only store of the other writes. `extra` pairs are added.
 */
export const inPlacePairs = (nest: Nest, extra: InPlace = []): InPlace => {
  const { loop, live, tracks, axes, stepTracks, storeTracks } = nest;
  const same = (a: number, b: number): boolean =>
    at(tracks, a).offset === at(tracks, b).offset &&
    axes.every(({ strides }) => strides[a] === strides[b]);
  const pairs = [...extra];
  for (const write of writesOf(nest)) {
    const places = storeTracks.filter((track) => at(tracks, track).buffer === write);
    const store = places[0];
    if (places.length !== 1 || store === undefined) continue;
    if (loop.folds.some(({ access }) => access.buffer === write)) continue;
    for (const read of readsOf(nest)) {
      if (read === write || elementBytes(read.dtype) !== elementBytes(write.dtype)) continue;
      const identical = loop.steps.every(
        (step, i) =>
          step.kind !== "load" ||
          !live[i] ||
          step.access.buffer !== read ||
          same(at(stepTracks, i), store),
      );
      if (identical && !pairs.some(([w, r]) => w === write && r === read)) {
        pairs.push([write, read]);
      }
    }
  }
  return pairs;
};
