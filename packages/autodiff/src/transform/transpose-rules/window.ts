import { at, dilated } from "../../ir/shape.ts";
import type { WindowOp } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeRule } from "../types.ts";
import { requireAdd } from "./reduction.ts";

const checkSelected = (op: string, linear: readonly boolean[]): void => {
  if (linear[0]) throw new Error(`transpose: ${op} is not linear in the operand it selects by`);
};

/** Transposes of operations over sliding windows. */
export const window: { readonly [K in WindowOp]: TransposeRule<K> } = {
  // Each input element gathers from the windows that hold it: a window sum over the cotangents,
  // set apart by the strides. Padding is done first because here it may be negative.
  reduce_window: (b, { types, attrs, cotangents }) => {
    requireAdd("reduce_window", attrs.monoid);
    const ct = given(cotangents);
    const low = attrs.padding.map(([before], i) => at(attrs.dimensions, i) - 1 - before);
    const high = at(types, 0).shape.map((size, i) => {
      const spread = dilated(at(ct.type.shape, i), at(attrs.strides, i));
      return size - spread + at(at(attrs.padding, i), 0);
    });
    const padded = b.pad(
      ct,
      low,
      high,
      attrs.strides.map((s) => s - 1),
    );
    return [
      b.one("reduce_window", [padded], {
        monoid: "add",
        dimensions: attrs.dimensions,
        strides: attrs.strides.map(() => 1),
        padding: attrs.strides.map(() => [0, 0] as const),
      }),
    ];
  },
  select_and_scatter: (b, { linear, attrs, operand, cotangents }) => {
    checkSelected("select_and_scatter", linear);
    return [undefined, b.one("select_and_gather", [operand(0), given(cotangents)], attrs)];
  },
  select_and_gather: (b, { linear, attrs, operand, cotangents }) => {
    checkSelected("select_and_gather", linear);
    return [undefined, b.one("select_and_scatter", [operand(0), given(cotangents)], attrs)];
  },
};
