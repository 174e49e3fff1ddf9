import type { Builder } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Value, Window, WindowOp } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { LocalRule } from "../types.ts";
import { reduceTangent } from "./reduction.ts";

/** Every multi-index below `sizes`, the last one running fastest. */
const positions = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>(
    (all, size) => all.flatMap((head) => Array.from({ length: size }, (_, i) => [...head, i])),
    [[]],
  );

/** The elements of each window along a new last axis: [positions…, window size]. */
const patches = (b: Builder, x: Value, window: Window, count: readonly number[], fill: number) => {
  const padded = b.pad(
    x,
    window.padding.map(([low]) => low),
    window.padding.map(([, high]) => high),
    x.type.shape.map(() => 0),
    b.fill({ shape: [], dtype: x.type.dtype }, fill),
  );
  const parts = positions(window.dimensions).map((start) => {
    const limit = start.map((s, i) => s + (at(count, i) - 1) * at(window.strides, i) + 1);
    return b.reshape(b.slice(padded, start, limit, window.strides), [...count, 1]);
  });
  return b.concatenate(parts, count.length);
};

/** Derivatives of operations over sliding windows. */
export const window: { readonly [K in WindowOp]: LocalRule<K> } = {
  reduce_window: (b, { inputs, attrs, output, tangents }) => {
    const [x, t] = [at(inputs, 0), given(tangents)];
    const { dimensions, strides, padding } = attrs;
    const shape = output.type.shape;
    switch (attrs.monoid) {
      case "add":
        return b.one("reduce_window", [t], attrs);
      case "maximum":
        return b.one("select_and_gather", [x, t], { dimensions, strides, padding });
      case "minimum":
        return b.one("select_and_gather", [b.neg(x), t], { dimensions, strides, padding });
      case "multiply": {
        const rows = patches(b, x, attrs, shape, 1);
        const tangentRows = patches(b, t, attrs, shape, 0);
        return reduceTangent(b, "multiply", [shape.length], rows, output, tangentRows);
      }
    }
  },
  select_and_scatter: (b, { inputs, attrs, tangents: [, source] }) =>
    source && b.one("select_and_scatter", [at(inputs, 0), source], attrs),
  select_and_gather: (b, { inputs, attrs, tangents: [, values] }) =>
    values && b.one("select_and_gather", [at(inputs, 0), values], attrs),
};
