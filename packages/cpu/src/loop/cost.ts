import { at } from "@layerwise/autodiff/executor";
import { laneCost } from "../lane/emit.ts";
import type { Axis, Nest } from "./nest.ts";

/** Nanoseconds per element of the operations of a loop. */
export const operationCost = ({ loop, live }: Nest): number => {
  let cost = 0;
  loop.steps.forEach((step, i) => {
    if (live[i] && step.kind === "op") cost += laneCost(step.op, step.dtype);
  });
  for (const { value, monoid } of loop.folds) {
    cost += laneCost(monoid, at(loop.steps, value.step).dtype);
  }
  return cost;
};

const CONTIGUOUS = 0.03;
const STRIDED = 0.25;

/** Nanoseconds per element if `axis` is the one whose elements fill the lanes of vectors. */
export const vectorCost = (nest: Nest, axis: Axis | undefined): number => {
  const size = axis?.size ?? 1;
  let cost = operationCost(nest);
  const access = (track: number, strided: number): void => {
    const stride = axis?.strides[track] ?? 0;
    if (stride !== 0) cost += Math.abs(stride) === 1 ? CONTIGUOUS : strided;
  };
  for (const track of nest.stepTracks) {
    if (nest.tracks[track]?.buffer !== undefined) access(track, STRIDED);
  }
  // A strided store costs a little more than a strided load.
  for (const track of nest.storeTracks) access(track, 1.2 * STRIDED);
  // The last vector costs as much as a full one, the start of the loop about a nanosecond.
  return (cost * Math.ceil(size / 4) * 4 + 1) / size;
};

/** Nanoseconds of work that a chunk is worth, and below which there is one chunk only. */
const CHUNK = 30_000;
const SMALL = 20_000;
const MOST_CHUNKS = 256;

/** How many chunks an amount of work should be cut into. */
export const chunksFor = (cost: number): number =>
  cost < SMALL ? 1 : Math.min(MOST_CHUNKS, Math.max(2, Math.round(cost / CHUNK)));
