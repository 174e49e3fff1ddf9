import { at } from "../../../ir/shape.ts";
import type { ReductionOp, Window, WindowOp } from "../../../ir/types.ts";
import { allStacked, everyBatched, shifted } from "../stack.ts";
import type { BatchRule } from "../types.ts";

type Reduction = WindowOp | ReductionOp | "sort";

/** A window that holds one example at a time. */
const perExample = ({ dimensions, strides, padding }: Window): Window => ({
  dimensions: [1, ...dimensions],
  strides: [1, ...strides],
  padding: [[0, 0], ...padding],
});

/** Batching of folds along axes and over windows. */
export const reduction: { readonly [K in Reduction]: BatchRule<K> } = {
  reduce: (b, { inputs, attrs }) =>
    everyBatched([b.reduce(at(inputs, 0), attrs.monoid, shifted(attrs.dimensions))]),
  arg_reduce: (b, { inputs, attrs }) =>
    everyBatched(b.emit("arg_reduce", inputs, { ...attrs, dimension: attrs.dimension + 1 })),
  cumulative: (b, { inputs, attrs }) =>
    everyBatched(b.emit("cumulative", inputs, { ...attrs, dimension: attrs.dimension + 1 })),
  sort: (b, args) => {
    const { dimension, descending } = args.attrs;
    const attrs = { dimension: dimension + 1, descending };
    return everyBatched(b.emit("sort", allStacked(b, args), attrs));
  },
  reduce_window: (b, { inputs, attrs }) =>
    everyBatched(b.emit("reduce_window", inputs, { ...perExample(attrs), monoid: attrs.monoid })),
  select_and_scatter: (b, args) =>
    everyBatched(b.emit("select_and_scatter", allStacked(b, args), perExample(args.attrs))),
  select_and_gather: (b, args) =>
    everyBatched(b.emit("select_and_gather", allStacked(b, args), perExample(args.attrs))),
};
