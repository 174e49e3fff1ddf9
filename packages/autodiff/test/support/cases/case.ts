import type { DType, OpAttrs, OpName, TensorType } from "../../../src/ir/types.ts";
import { bits, flags, integers, type Sampler, uniform } from "../random.ts";

/** One operand of a case: its type and how its elements are drawn. */
export interface Operand {
  readonly type: TensorType;
  readonly values: Sampler;
}

/** An operation with concrete attributes and operands. */
export interface OpCase<K extends OpName> {
  readonly name: string;
  readonly attrs: OpAttrs[K];
  readonly operands: readonly Operand[];
  /**
   * Where central differences at the sampled point must agree with the derivative rules: in both
   * modes, in forward mode only (no transpose exists), or nowhere (kinks, no floats, derivatives
   * that are not the function's own).
   */
  readonly gradient: "both" | "forward" | "none";
  /**
   * What a device may do differently: `ieee`: NaN, infinities and signed zeros, which WGSL need
   * not honour; `wrap`: integers beyond 2⁵³ before they wrap, or division by zero.
   */
  readonly edge?: "ieee" | "wrap";
}

/** The cases of a family of operations. */
export type Cases<K extends OpName> = { readonly [P in K]: readonly OpCase<P>[] };

interface Extra {
  readonly gradient?: "both" | "forward" | "none";
  readonly edge?: "ieee" | "wrap";
}

/** Cases with an `edge` are not for gradients unless they say so. */
export const example = <A>(
  name: string,
  attrs: A,
  operands: readonly Operand[],
  extra: Extra = {},
): {
  readonly name: string;
  readonly attrs: A;
  readonly operands: readonly Operand[];
  readonly gradient: "both" | "forward" | "none";
  readonly edge?: "ieee" | "wrap";
} => {
  const smooth = extra.edge === undefined && operands.some((x) => x.type.dtype === "f32");
  return { name, attrs, operands, gradient: smooth ? "both" : "none", ...extra };
};

const operand =
  (dtype: DType, standard: Sampler) =>
  (shape: readonly number[], values: Sampler = standard): Operand => ({
    type: { shape, dtype },
    values,
  });

/** Operands of each dtype; without a sampler floats lie in [−2, 2], integers near 0. */
export const f32: (shape: readonly number[], values?: Sampler) => Operand = operand(
  "f32",
  uniform(),
);
export const i32: (shape: readonly number[], values?: Sampler) => Operand = operand(
  "i32",
  integers(-9, 9),
);
export const u32: (shape: readonly number[], values?: Sampler) => Operand = operand("u32", bits);
export const bool: (shape: readonly number[], values?: Sampler) => Operand = operand("bool", flags);

/** Attributes of operations that have none. */
export const NONE: Record<never, never> = {};

/** For cases that are not for gradients. */
export const KINK = { gradient: "none" } as const;
export const IEEE = { edge: "ieee" } as const;
export const WRAP = { edge: "wrap" } as const;

/** NaN, infinities, signed zeros and numbers at which functions have poles or ties. */
export const SPECIAL: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  -2.5,
];
