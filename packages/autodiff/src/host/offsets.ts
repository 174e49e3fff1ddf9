import { sizeOf } from "../ir/shape.ts";
import type { Shape } from "../ir/types.ts";
import type { HostData } from "./tensor.ts";

/** Distance between neighbours along each axis of a row-major array. */
export const rowMajor = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length);
  let size = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = size;
    size *= shape[axis]!;
  }
  return strides;
};

/**
 * Where the elements of an array of `shape` lie: start + Σ index·stride, for every index in
 * row-major order. All index arithmetic of this folder is looking up such tables.
 */
export const offsets = (shape: Shape, strides: readonly number[], start = 0): Int32Array => {
  const table = new Int32Array(sizeOf(shape));
  if (table.length === 0) return table;
  table[0] = start;
  let filled = 1;
  // From the innermost axis outward: an axis repeats what is there already, shifted by its stride.
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    for (let i = 1; i < size; i++) {
      const shift = i * strides[axis]!;
      const base = i * filled;
      for (let j = 0; j < filled; j++) table[base + j] = table[j]! + shift;
    }
    filled *= size;
  }
  return table;
};

/** Writes source[from[i]] to target[to[i]] for every i. */
export const copyElements = (
  target: HostData,
  to: Int32Array,
  source: HostData,
  from: Int32Array,
): void => {
  for (let i = 0; i < to.length; i++) target[to[i]!] = source[from[i]!]!;
};

/** Writes source[from[i]] to target[i] for every i. */
export const takeElements = (target: HostData, source: HostData, from: Int32Array): HostData => {
  for (let i = 0; i < from.length; i++) target[i] = source[from[i]!]!;
  return target;
};

/** x limited to [low, high]. */
export const limit = (x: number, low: number, high: number): number =>
  Math.min(Math.max(x, low), high);
