import { at } from "@layerwise/autodiff/executor";
import type { Buffer } from "../kernel/kernel.ts";
import { vectorCost } from "./cost.ts";
import type { Axis, Nest } from "./nest.ts";
import type { CodeLoop } from "./walk.ts";

/** Number of elements a nest runs over. */
export const elementsOf = (axes: readonly Axis[]): number =>
  axes.reduce((product, { size }) => product * size, 1);

/** The axis whose elements best fill the lanes of vectors: of equally good ones the innermost. */
export const vectorAxis = (
  nest: Nest,
  axes: readonly Axis[],
  extra: (axis: Axis) => number = () => 0,
): Axis | undefined => {
  let best: Axis | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const axis of axes) {
    const cost = vectorCost(nest, axis) + extra(axis);
    if (cost <= lowest) [best, lowest] = [axis, cost];
  }
  return best;
};

/**
 * Cuts one of the first `among` loops into about `wanted` parts, one per chunk: the outermost that is long enough,
 * or else the longest. Parts of the loop over vectors are multiples of `grain`.
 */
export const cut = (
  loops: readonly CodeLoop[],
  vector: number,
  grain: number,
  wanted: number,
  among: number = loops.length,
): { readonly loops: readonly CodeLoop[]; readonly chunks: number } => {
  const parts = (i: number): number => at(loops, i).size / (i === vector ? grain : 1);
  if (wanted <= 1 || among === 0) return { loops, chunks: 1 };
  let chosen = loops.findIndex((_, i) => i < among && parts(i) >= wanted);
  if (chosen < 0) {
    chosen = 0;
    for (let i = 1; i < among; i++) if (parts(i) > parts(chosen)) chosen = i;
  }
  const unit = chosen === vector ? grain : 1;
  const { size } = at(loops, chosen);
  const chunk = Math.ceil(size / wanted / unit) * unit;
  if (chunk >= size) return { loops, chunks: 1 };
  return {
    loops: loops.map((loop, i) => (i === chosen ? { ...loop, chunk } : loop)),
    chunks: Math.ceil(size / chunk),
  };
};

/** The buffers that the live loads of a nest read, each once. */
export const readsOf = ({ loop, live }: Nest): Buffer[] => {
  const reads = new Set<Buffer>();
  loop.steps.forEach((step, i) => {
    if (step.kind === "load" && live[i]) reads.add(step.access.buffer);
  });
  return [...reads];
};

/** The buffers that a nest writes, each once. */
export const writesOf = ({ loop }: Nest): Buffer[] => [
  ...new Set([...loop.stores, ...loop.folds].map(({ access }) => access.buffer)),
];
