import type { Builder } from "../ir/builder.ts";
import { isFloat, sizeOf } from "../ir/shape.ts";
import type { TensorType, Value } from "../ir/types.ts";
import type { Tangent } from "./types.ts";

/** Sum of two derivatives, either of which may be zero. */
export const sum = (b: Builder, x: Tangent, y: Tangent): Tangent => {
  if (x === undefined) return y;
  return y === undefined ? x : b.add(x, y);
};

/** A derivative as a value: zeros of the given type where it is zero. */
export const materialize = (b: Builder, t: Tangent, type: TensorType): Value => t ?? b.zeros(type);

/** The derivative at position `i`, which the caller knows to be given. */
export const given = (list: readonly Tangent[], i = 0): Value => {
  const found = list[i];
  if (found === undefined) throw new Error(`derivative ${i} is missing`);
  return found;
};

/** Whether values of this type have derivatives. */
export const differentiable = (type: TensorType): boolean => isFloat(type.dtype);

/** Whether derivatives of values of this type are anything to compute: of no elements they are not. */
export const varies = (type: TensorType): boolean => differentiable(type) && sizeOf(type.shape) > 0;

/** The elements at which a mask is true. */
export const pick = <T>(list: readonly T[], mask: readonly boolean[]): T[] =>
  list.filter((_, i) => mask[i]);

/** Inverse of `pick`: puts the picked elements back at their places, `undefined` elsewhere. */
export const unpick = <T>(picked: readonly T[], mask: readonly boolean[]): (T | undefined)[] => {
  let next = 0;
  return mask.map((here) => (here ? picked[next++] : undefined));
};

/** Which derivatives are given. */
export const present = (list: readonly Tangent[]): boolean[] => list.map((t) => t !== undefined);
