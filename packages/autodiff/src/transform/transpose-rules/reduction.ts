import { at } from "../../ir/shape.ts";
import type { Monoid, ReductionOp } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeRule } from "../types.ts";

type Reduction = ReductionOp;

/** Of the monoids only addition is linear. */
export const requireAdd = (op: string, monoid: Monoid): void => {
  if (monoid !== "add") throw new Error(`transpose: ${op} ${monoid} of a tangent is not linear`);
};

/** Transposes of folds along whole axes. */
export const reduction: { readonly [K in Reduction]: TransposeRule<K> | "nonlinear" } = {
  reduce: (b, { types, attrs, cotangents }) => {
    requireAdd("reduce", attrs.monoid);
    return [b.unreduce(given(cotangents), at(types, 0).shape, attrs.dimensions)];
  },
  arg_reduce: "nonlinear",
  cumulative: (b, { attrs, cotangents }) => {
    requireAdd("cumulative", attrs.monoid);
    return [b.one("cumulative", [given(cotangents)], { ...attrs, reverse: !attrs.reverse })];
  },
};
