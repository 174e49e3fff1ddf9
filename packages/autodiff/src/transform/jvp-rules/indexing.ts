import type { Builder } from "../../ir/builder.ts";
import { at, complement, range } from "../../ir/shape.ts";
import type { AddressingOp, Value } from "../../ir/types.ts";
import { materialize } from "../tangent.ts";
import type { JointRule, LocalRule } from "../types.ts";
import { sameOnTangent } from "./linear.ts";

type Indexing = AddressingOp | "threefry2x32";

/** Derivatives of operations that address elements by index. */
export const indexing: { readonly [K in Indexing]: LocalRule<K> | "zero" } = {
  gather: sameOnTangent("gather"),
  scatter: (b, { inputs, attrs, tangents: [x, , updates] }) => {
    if (attrs.kind === "add" && updates === undefined) return x;
    return b.one(
      "scatter",
      [
        materialize(b, x, at(inputs, 0).type),
        at(inputs, 1),
        materialize(b, updates, at(inputs, 2).type),
      ],
      attrs,
    );
  },
  threefry2x32: "zero",
};

/** The elements of `x` in the order that `order` (of the same shape) gives along one axis. */
const takeAlong = (b: Builder, x: Value, order: Value, dimension: number): Value => {
  const rank = x.type.shape.length;
  const others = complement(rank, [dimension]);
  return b.one("gather", [x, b.reshape(order, [...x.type.shape, 1])], {
    offsetDims: [],
    collapsedSliceDims: [dimension],
    operandBatchingDims: others,
    indicesBatchingDims: others,
    startIndexMap: [dimension],
    sliceSizes: range(rank).map(() => 1),
  });
};

/** Positions are sorted along with the operands; the tangents are taken from there. */
export const sort: JointRule<"sort"> = (b, { inputs, attrs, tangents }) => {
  const { shape } = at(inputs, 0).type;
  const places = b.iota({ shape, dtype: "i32" }, attrs.dimension);
  const sorted = b.emit("sort", [...inputs, places], attrs);
  const order = at(sorted, inputs.length);
  return {
    outputs: sorted.slice(0, inputs.length),
    tangents: tangents.map((t) => t && takeAlong(b, t, order, attrs.dimension)),
  };
};
