import { at, range, sizeOf } from "../ir/shape.ts";
import type { DType, LiteralData, Shape, Value } from "../ir/types.ts";

/** Element types of tfjs that the interpreter uses; u32 travels as int32 with the same bits. */
export type TfType = "float32" | "int32" | "bool";

/** The tfjs type that carries an IR type. f16 is computed in float32. */
export const tfType = (dtype: DType): TfType =>
  dtype === "bool" ? "bool" : dtype === "f32" || dtype === "f16" ? "float32" : "int32";

/** A view of the buffer in a slot: a reshape is another view, never a kernel. */
export interface Ref {
  readonly slot: number;
  readonly shape: Shape;
  readonly dtype: TfType;
}

/**
 * What an IR value is during lowering: an array that stretches, by Numpy's rule, to the value's
 * shape. Broadcasts cost nothing until a kernel needs all elements.
 */
export interface Val {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly ref: Ref;
  /** The number that all elements have, where that is known. */
  readonly splat?: number;
  /** The elements, where they are known: static indices make cheaper kernels. */
  readonly literal?: LiteralData;
  /** The IR value this stands for, from which peepholes see how it was computed. */
  readonly source?: Value;
}

/** The same elements in another shape. */
export const view = (ref: Ref, shape: Shape): Ref => ({ ...ref, shape });

/** A value whose elements lie in `ref` in full. */
export const whole = (ref: Ref, dtype: DType, shape: Shape = ref.shape): Val => ({
  shape,
  dtype,
  ref,
});

/** A shape with leading ones up to `rank` axes. */
export const padRank = (shape: Shape, rank: number): number[] => [
  ...range(rank - shape.length).map(() => 1),
  ...shape,
];

/** A shape without its leading ones. */
export const trimRank = (shape: Shape): Shape => {
  const first = shape.findIndex((d) => d !== 1);
  return first < 0 ? [] : shape.slice(first);
};

/**
 * Merges neighbouring axes that `sameKind` treats alike and drops axes of size 1, so that kernels
 * with a limit on the rank see the fewest axes. Returns the groups as lists of axes.
 */
export const mergeAxes = (
  shape: Shape,
  sameKind: (before: number, after: number) => boolean,
): number[][] => {
  const groups: number[][] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const group = groups.at(-1);
    if (group !== undefined && sameKind(at(group, group.length - 1), axis)) group.push(axis);
    else groups.push([axis]);
  }
  return groups;
};

/** Sizes of groups of axes. */
export const groupSizes = (shape: Shape, groups: readonly (readonly number[])[]): number[] =>
  groups.map((group) => sizeOf(group.map((axis) => at(shape, axis))));
