import { at } from "@layerwise/autodiff/executor";
import { type Buffer, elementBytes } from "../kernel/kernel.ts";
import type { Access, FoldLoop, Step } from "./loop.ts";

/** A place that moves with the indices of a loop: an access of memory, or the number of an index step. */
export interface Track {
  /** Undefined for an index step. */
  readonly buffer: Buffer | undefined;
  readonly offset: number;
}

/** One axis of a loop. */
export interface Axis {
  readonly size: number;
  readonly folded: boolean;
  /** Elements per step, for each track. */
  readonly strides: readonly number[];
}

/** A loop with its axes reduced to what matters: sorted, merged, forward along the stores. */
export interface Nest {
  readonly loop: FoldLoop;
  /** Whether a step contributes to a result. */
  readonly live: readonly boolean[];
  readonly tracks: readonly Track[];
  /** Track of each step, -1 for those without. */
  readonly stepTracks: readonly number[];
  readonly storeTracks: readonly number[];
  readonly foldTracks: readonly number[];
  /** Those kept, then those folded; all longer than 1. */
  readonly axes: readonly Axis[];
}

/** Bytes per unit of a track's strides. */
export const trackBytes = ({ buffer }: Track): number =>
  buffer === undefined ? 1 : elementBytes(buffer.dtype);

const liveSteps = ({ steps, stores, folds }: FoldLoop): boolean[] => {
  const live = steps.map(() => false);
  for (const { value } of [...stores, ...folds]) live[value.step] = true;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = at(steps, i);
    if (live[i] && step.kind === "op") for (const { step: j } of step.inputs) live[j] = true;
  }
  return live;
};

const merges = (outer: Axis, inner: Axis): boolean =>
  outer.folded === inner.folded &&
  outer.strides.every((stride, i) => stride === at(inner.strides, i) * inner.size);

/** Merges neighbours that every track passes without a jump. */
const merged = (axes: readonly Axis[]): Axis[] => {
  const result: Axis[] = [];
  for (const axis of axes) {
    const outer = result[result.length - 1];
    if (outer !== undefined && merges(outer, axis)) {
      result[result.length - 1] = { ...axis, size: outer.size * axis.size };
    } else result.push(axis);
  }
  return result;
};

/** Brings the axes of a loop without empty axes into their simplest form. */
export const nestOf = (loop: FoldLoop): Nest => {
  const live = liveSteps(loop);
  const places: { readonly buffer: Buffer | undefined; readonly place: Omit<Access, "buffer"> }[] =
    [];
  const track = (buffer: Buffer | undefined, place: Omit<Access, "buffer">): number =>
    places.push({ buffer, place }) - 1;
  const stepTrack = (step: Step): number => {
    if (step.kind === "load") return track(step.access.buffer, step.access);
    return step.kind === "index" ? track(undefined, step) : -1;
  };
  const stepTracks = loop.steps.map((step, i) => (live[i] ? stepTrack(step) : -1));
  const storeTracks = loop.stores.map(({ access }) => track(access.buffer, access));
  const foldTracks = loop.folds.map(({ access }) => track(access.buffer, access));
  const offsets = places.map(({ place }) => place.offset);
  const lead = storeTracks[0] ?? foldTracks[0] ?? 0;
  const along = (size: number, i: number): Axis => {
    const folded = i >= loop.kept;
    const strides = places.map(({ place }) => at(place.strides, i));
    if ((strides[lead] ?? 0) >= 0) return { size, folded, strides };
    // Run the other way round, so that the results are written forward.
    strides.forEach((stride, t) => {
      offsets[t] = at(offsets, t) + (size - 1) * stride;
    });
    return { size, folded, strides: strides.map((stride) => -stride) };
  };
  const axes = loop.sizes.map(along).filter(({ size }) => size > 1);
  // Axes along which the leading result does not move go by the first track that does.
  const weight = ({ strides }: Axis): number =>
    Math.abs(strides[lead] || strides.find((stride) => stride !== 0) || 0);
  axes.sort((a, b) => Number(a.folded) - Number(b.folded) || weight(b) - weight(a));
  return {
    loop,
    live,
    tracks: places.map(({ buffer }, i) => ({ buffer, offset: at(offsets, i) })),
    stepTracks,
    storeTracks,
    foldTracks,
    axes: merged(axes),
  };
};
