import type { Builder } from "../../../ir/builder.ts";
import { at, range } from "../../../ir/shape.ts";
import type { Value } from "../../../ir/types.ts";
import { everyBatched, toFront } from "../stack.ts";
import type { BatchArgs, BatchRule } from "../types.ts";

type Args = BatchArgs<"convolution">;

/**
 * Merges the batch axis 0 into axis `axis` of an example, which consists of `groups` groups:
 * the result has that axis as [groups, batch, rest].
 */
const fold = (b: Builder, x: Value, axis: number, groups: number): Value => {
  const [size, ...shape] = x.type.shape as [number, ...number[]];
  const rest = at(shape, axis) / groups;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const split = b.reshape(x, [size, ...before, groups, rest, ...after]);
  const order = range(split.type.shape.length).filter((i) => i !== 0);
  order.splice(axis + 1, 0, 0);
  return b.reshape(b.transpose(split, order), [...before, size * at(shape, axis), ...after]);
};

/** Inverse of `fold`. */
const unfold = (b: Builder, x: Value, axis: number, groups: number, size: number): Value => {
  const { shape } = x.type;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const rest = at(shape, axis) / groups / size;
  const split = b.reshape(x, [...before, groups, size, rest, ...after]);
  return b.reshape(toFront(b, split, axis + 1), [size, ...before, groups * rest, ...after]);
};

/** More images. */
const inputs = (b: Builder, { inputs: [x, w], attrs, size }: Args): Value => {
  const { dims, batchGroups } = attrs;
  const images = fold(b, x as Value, dims.lhsBatch, batchGroups);
  return unfold(b, b.conv(images, w as Value, attrs), dims.outBatch, 1, size);
};

/** More output features. */
const kernels = (b: Builder, { inputs: [x, w], attrs, size }: Args): Value => {
  const { dims, featureGroups, batchGroups } = attrs;
  const groups = featureGroups * batchGroups;
  const kernel = fold(b, w as Value, dims.rhsOutputFeature, groups);
  return unfold(b, b.conv(x as Value, kernel, attrs), dims.outFeature, groups, size);
};

/** Every example is a group of its own. */
const both = (b: Builder, { inputs: [x, w], attrs, size }: Args): Value => {
  const { dims, featureGroups, batchGroups } = attrs;
  const inBatch = batchGroups > 1;
  const images = fold(b, x as Value, inBatch ? dims.lhsBatch : dims.lhsFeature, 1);
  const kernel = fold(b, w as Value, dims.rhsOutputFeature, 1);
  const result = b.conv(images, kernel, {
    ...attrs,
    featureGroups: inBatch ? featureGroups : featureGroups * size,
    batchGroups: inBatch ? batchGroups * size : 1,
  });
  return unfold(b, result, dims.outFeature, 1, size);
};

/** Batching of convolutions: the examples go where they cost least. */
export const convolution: BatchRule<"convolution"> = (b, args) => {
  const [x, w] = args.batched;
  const { featureGroups, batchGroups } = args.attrs;
  if (featureGroups > 1 && batchGroups > 1) {
    throw new Error("vmap: convolution with groups of features and of the batch");
  }
  if (x && w) return everyBatched([both(b, args)]);
  return everyBatched([x ? inputs(b, args) : kernels(b, args)]);
};
