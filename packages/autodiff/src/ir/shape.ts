import type { DType, Shape, TensorType } from "./types.ts";

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);

/** Whether two shapes are equal. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** Whether two types are equal. */
export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** `f32[2,3]`, as error messages write a type. */
export const showType = (type: TensorType): string => `${type.dtype}[${type.shape.join(",")}]`;

/** Whether elements are floating-point numbers; only these have derivatives. */
export const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f16";

/** 0, 1, …, n − 1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The axes of a rank-`rank` array that `axes` leaves out, in order. */
export const complement = (rank: number, axes: readonly number[]): number[] =>
  range(rank).filter((i) => !axes.includes(i));

/** Element at `i`, or an error where it is missing: indexing that the type checker can follow. */
export const at = <T>(list: readonly T[], i: number): T => {
  const item = list[i];
  if (item === undefined) throw new RangeError(`no element ${i} in a list of ${list.length}`);
  return item;
};

/** Inverse of a permutation. */
export const invert = (permutation: readonly number[]): number[] => {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((p, i) => {
    inverse[p] = i;
  });
  return inverse;
};

/** Numpy's rule for two shapes that broadcast together: aligned at the last axis, 1 stretches. */
export const broadcastShapes = (a: Shape, b: Shape): number[] => {
  const rank = Math.max(a.length, b.length);
  return range(rank).map((i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new Error(`shapes [${a}] and [${b}] do not broadcast: ${x} against ${y}`);
    }
    return x === 1 ? y : x;
  });
};

/** Number of window positions along one axis. */
export const windowCount = (
  size: number,
  window: number,
  stride: number,
  [low, high]: readonly [number, number],
): number => Math.max(0, Math.floor((size + low + high - window) / stride) + 1);

/** Size of an axis whose elements stand `dilation` apart. */
export const dilated = (size: number, dilation: number): number =>
  size === 0 ? 0 : (size - 1) * dilation + 1;
