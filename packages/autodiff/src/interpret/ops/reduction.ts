import { at, complement, isFloat, sizeOf } from "../../ir/shape.ts";
import type { Monoid, OpName, TensorType } from "../../ir/types.ts";
import { full } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { type Lower, single } from "../lower.ts";
import { axisLast, transpose } from "../move.ts";
import { groupSizes, mergeAxes, type Ref, type Val, view, whole } from "../ref.ts";
import { add, num } from "./arithmetic.ts";
import { pick } from "./dot.ts";

type Reduction = Extract<OpName, "reduce" | "arg_reduce">;

const SIGN_BIT = -(2 ** 31);

const KERNELS: { readonly [K in Monoid]: string } = {
  add: "Sum",
  multiply: "Prod",
  maximum: "Max",
  minimum: "Min",
  and: "All",
  or: "Any",
};

/** The number that a monoid leaves as it is. */
export const identityOf = (monoid: Monoid, dtype: TensorType["dtype"]): number => {
  switch (monoid) {
    case "add":
    case "or":
      return 0;
    case "multiply":
    case "and":
      return 1;
    case "maximum":
      if (isFloat(dtype)) return Number.NEGATIVE_INFINITY;
      return dtype === "u32" ? 0 : SIGN_BIT;
    case "minimum":
      if (isFloat(dtype)) return Number.POSITIVE_INFINITY;
      return dtype === "u32" ? 2 ** 32 - 1 : 2 ** 31 - 1;
  }
};

/** Folds axes of a buffer by a kernel, on as few axes as possible. */
export const reduceAxes = (e: Emitter, kernel: string, x: Ref, axes: readonly number[]): Ref => {
  const reduced = (axis: number): boolean => axes.includes(axis);
  const shape = x.shape.filter((_, axis) => !reduced(axis));
  const groups = mergeAxes(x.shape, (a, b) => reduced(a) === reduced(b));
  const folded = groups.flatMap((group, i) => (reduced(at(group, 0)) ? [i] : []));
  if (folded.length === 0) return view(x, shape);
  const grouped = view(x, groupSizes(x.shape, groups));
  if (folded.length > 1 || folded[0] !== groups.length - 1) {
    // Several kernels transpose by themselves first; ours knows what each backend can do.
    const rest = complement(groups.length, folded);
    const order = [...rest, ...folded];
    const last = [sizeOf(pick(grouped.shape, rest)), sizeOf(pick(grouped.shape, folded))];
    const moved = view(transpose(e, grouped, order), last);
    return view(reduceAxes(e, kernel, moved, [1]), shape);
  }
  const out = grouped.shape.filter((_, i) => !folded.includes(i));
  const attrs = { axis: folded, reductionIndices: folded, keepDims: false };
  return view(e.kernel(kernel, { x: grouped }, attrs, out, x.dtype), shape);
};

const reduce = (
  e: Emitter,
  x: Val,
  monoid: Monoid,
  dimensions: readonly number[],
  type: TensorType,
): Val => {
  const { dtype } = type;
  if (sizeOf(x.shape) === 0) return e.splat(dtype, type.shape, identityOf(monoid, dtype));
  const order = monoid === "maximum" || monoid === "minimum";
  if (dtype === "u32" && order) {
    const signed = add(e, x, num(e, x, SIGN_BIT));
    const folded = whole(reduceAxes(e, KERNELS[monoid], full(e, signed), dimensions), dtype);
    return add(e, folded, num(e, folded, SIGN_BIT));
  }
  // Products of integers overflow the doubles that some backends compute in.
  if (monoid === "multiply" && !isFloat(dtype) && e.target.readsSync) {
    return onHost(e, "reduce", [x], { monoid, dimensions }, [type])[0]!;
  }
  return whole(reduceAxes(e, KERNELS[monoid], full(e, x), dimensions), dtype);
};

const argReduce = (
  e: Emitter,
  x: Val,
  monoid: "maximum" | "minimum",
  dimension: number,
  type: TensorType,
): Val => {
  if (sizeOf(x.shape) === 0) return e.splat("i32", type.shape, 0);
  const ordered = x.dtype === "u32" ? add(e, x, num(e, x, SIGN_BIT)) : x;
  const kernel = monoid === "maximum" ? "ArgMax" : "ArgMin";
  const rows = axisLast(e, full(e, ordered), dimension);
  const index = e.kernel(kernel, { x: rows }, { axis: 1 }, [at(rows.shape, 0)], "int32");
  return whole(view(index, type.shape), "i32");
};

/** Lowering of reductions over whole axes. */
export const reductions: { readonly [K in Reduction]: Lower<K> } = {
  reduce: single((e, [x], { monoid, dimensions }, type) => reduce(e, x!, monoid, dimensions, type)),
  arg_reduce: single((e, [x], { monoid, dimension }, type) =>
    argReduce(e, x!, monoid, dimension, type),
  ),
};
