import type { Builder } from "../../ir/builder.ts";
import { at, complement, sizeOf } from "../../ir/shape.ts";
import type { Monoid, ReductionOp, Value } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { LocalRule, Tangent } from "../types.ts";
import { cumulative } from "./cumulative.ts";

type Reduction = ReductionOp;

/** The mean of the tangents of all elements that attain the extremum. */
const extremum = (b: Builder, x: Value, y: Value, t: Value, axes: readonly number[]): Value => {
  const shape = x.type.shape;
  const attains = b.compare(x, "EQ", b.unreduce(y, shape, axes));
  const count = b.reduce(b.convert(attains, x.type.dtype), "add", axes);
  return b.div(b.reduce(b.select(attains, t, b.zeros(t.type)), "add", axes), count);
};

/**
 * For each element along the last axis the product of all others, without dividing by it:
 * the product of those before times the product of those after, so that zeros are exact.
 */
const productOfOthers = (b: Builder, x: Value): Value => {
  const axis = x.type.shape.length - 1;
  const zero = x.type.shape.map(() => 0);
  const last = (n: number): number[] => zero.map((_, i) => (i === axis ? n : 0));
  const one = b.fill({ shape: [], dtype: x.type.dtype }, 1);
  const side = (low: number, high: number, reverse: boolean): Value =>
    b.one("cumulative", [b.pad(x, last(low), last(high), zero, one)], {
      monoid: "multiply",
      dimension: axis,
      reverse,
    });
  return b.mul(side(1, -1, false), side(-1, 1, true));
};

const product = (b: Builder, x: Value, t: Value, axes: readonly number[]): Value => {
  const kept = complement(x.type.shape.length, axes);
  const shape = kept.map((i) => at(x.type.shape, i));
  const rows = (v: Value): Value =>
    b.reshape(b.transpose(v, [...kept, ...axes]), [
      ...shape,
      sizeOf(axes.map((i) => at(x.type.shape, i))),
    ]);
  return b.reduce(b.mul(rows(t), productOfOthers(b, rows(x))), "add", [kept.length]);
};

/** The tangent of a reduction from operand, result and tangent of the operand. */
export const reduceTangent = (
  b: Builder,
  monoid: Monoid,
  axes: readonly number[],
  x: Value,
  y: Value,
  t: Value,
): Tangent => {
  if (axes.length === 0) return t;
  // Over no elements the result is a constant.
  if (axes.some((i) => x.type.shape[i] === 0)) return undefined;
  switch (monoid) {
    case "add":
      return b.reduce(t, "add", axes);
    case "multiply":
      return product(b, x, t, axes);
    case "maximum":
    case "minimum":
      return extremum(b, x, y, t, axes);
    case "and":
    case "or":
      return undefined;
  }
};

/** Derivatives of folds along whole axes. */
export const reduction: { readonly [K in Reduction]: LocalRule<K> | "zero" } = {
  reduce: (b, { inputs, attrs, output, tangents }) =>
    reduceTangent(b, attrs.monoid, attrs.dimensions, at(inputs, 0), output, given(tangents)),
  arg_reduce: "zero",
  cumulative,
};
