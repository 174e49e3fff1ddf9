import { at } from "../../ir/shape.ts";
import type { ConversionOp, DynamicSliceOp, MovementOp } from "../../ir/types.ts";
import { given, materialize } from "../tangent.ts";
import type { LocalRule } from "../types.ts";
import { sameOnTangent } from "./linear.ts";

type Movement = MovementOp | DynamicSliceOp | ConversionOp;

/** Derivatives of constants and of operations that move elements. */
export const movement: { readonly [K in Movement]: LocalRule<K> | "zero" } = {
  constant: "zero",
  iota: "zero",
  convert: (b, { attrs, tangents }) => b.convert(given(tangents), attrs.dtype),
  bitcast_convert: "zero",
  broadcast_in_dim: sameOnTangent("broadcast_in_dim"),
  reshape: sameOnTangent("reshape"),
  transpose: sameOnTangent("transpose"),
  reverse: sameOnTangent("reverse"),
  slice: sameOnTangent("slice"),
  pad: (b, { inputs, attrs, tangents: [x, value] }) => {
    const [operand, padding] = [at(inputs, 0), at(inputs, 1)];
    return b.one(
      "pad",
      [materialize(b, x, operand.type), materialize(b, value, padding.type)],
      attrs,
    );
  },
  concatenate: (b, { inputs, attrs, tangents }) =>
    b.concatenate(
      inputs.map((x, i) => materialize(b, tangents[i], x.type)),
      attrs.dimension,
    ),
  dynamic_slice: sameOnTangent("dynamic_slice"),
  dynamic_update_slice: (b, { inputs, tangents: [x, update] }) =>
    b.one(
      "dynamic_update_slice",
      [
        materialize(b, x, at(inputs, 0).type),
        materialize(b, update, at(inputs, 1).type),
        ...inputs.slice(2),
      ],
      {},
    ),
};
