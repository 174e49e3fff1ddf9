import { at } from "../../ir/shape.ts";
import type { ContractionOp } from "../../ir/types.ts";
import { sum } from "../tangent.ts";
import type { LocalRule } from "../types.ts";

type Contraction = ContractionOp;

const bilinear =
  <K extends Contraction>(op: K): LocalRule<K> =>
  (b, { inputs, attrs, tangents: [tx, ty] }) => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    return sum(b, tx && b.one(op, [tx, y], attrs), ty && b.one(op, [x, ty], attrs));
  };

/** Derivatives of operations that are linear in each of their two operands. */
export const contraction: { readonly [K in Contraction]: LocalRule<K> } = {
  dot_general: bilinear("dot_general"),
  convolution: bilinear("convolution"),
};
