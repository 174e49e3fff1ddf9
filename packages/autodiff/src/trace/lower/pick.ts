import { type Builder, literal } from "../../ir/builder.ts";
import { at, range } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";

/** A list of indices that needs no gather. */
type Pattern =
  | { readonly kind: "repeat"; readonly times: number }
  | { readonly kind: "stride"; readonly start: number; readonly step: number }
  | { readonly kind: "any" };

const patternOf = (indices: readonly number[], size: number): Pattern => {
  const times = indices.length / size;
  if (indices.every((index, i) => index === Math.floor(i / times)) && Number.isInteger(times)) {
    return { kind: "repeat", times };
  }
  const [start = 0, second = start + 1] = indices;
  const step = second - start;
  if (step > 0 && indices.every((index, i) => index === start + i * step)) {
    return { kind: "stride", start, step };
  }
  return { kind: "any" };
};

const along = (x: Value, axis: number, value: number, rest: number): number[] =>
  x.type.shape.map((_, i) => (i === axis ? value : rest));

const indexColumn = (b: Builder, indices: readonly number[]): Value =>
  b.constant({ shape: [indices.length, 1], dtype: "i32" }, literal("i32", indices));

/** The elements of one axis at indices that are known while tracing. */
export const gatherAlong = (
  b: Builder,
  x: Value,
  axis: number,
  indices: readonly number[],
): Value => {
  const { shape } = x.type;
  const target = shape.map((d, i) => (i === axis ? indices.length : d));
  const pattern = patternOf(indices, at(shape, axis));
  if (pattern.kind === "repeat") {
    const split = [...shape.slice(0, axis + 1), pattern.times, ...shape.slice(axis + 1)];
    const kept = range(split.length).filter((i) => i !== axis + 1);
    return b.reshape(b.broadcastInDim(x, split, kept), target);
  }
  if (pattern.kind === "stride") {
    const start = along(x, axis, pattern.start, 0);
    const last = at(indices, indices.length - 1);
    const limit = shape.map((d, i) => (i === axis ? last + 1 : d));
    return b.slice(x, start, limit, along(x, axis, pattern.step, 1));
  }
  return b.one("gather", [x, indexColumn(b, indices)], {
    offsetDims: range(shape.length).filter((i) => i !== axis),
    collapsedSliceDims: [axis],
    operandBatchingDims: [],
    indicesBatchingDims: [],
    startIndexMap: [axis],
    sliceSizes: shape.map((d, i) => (i === axis ? 1 : d)),
  });
};

/** The transpose of `gatherAlong` on an axis of `size`: adds each element where it was taken from. */
export const scatterAlong = (
  b: Builder,
  x: Value,
  axis: number,
  indices: readonly number[],
  size: number,
): Value => {
  const { shape, dtype } = x.type;
  const target = shape.map((d, i) => (i === axis ? size : d));
  const pattern = patternOf(indices, size);
  if (pattern.kind === "repeat") {
    const split = [...shape.slice(0, axis), size, pattern.times, ...shape.slice(axis + 1)];
    return b.reduce(b.reshape(x, split), "add", [axis + 1]);
  }
  if (pattern.kind === "stride") {
    const last = at(indices, indices.length - 1);
    const [low, high] = [along(x, axis, pattern.start, 0), along(x, axis, size - 1 - last, 0)];
    return b.pad(x, low, high, along(x, axis, pattern.step - 1, 0));
  }
  return b.one("scatter", [b.zeros({ shape: target, dtype }), indexColumn(b, indices), x], {
    updateWindowDims: range(shape.length).filter((i) => i !== axis),
    insertedWindowDims: [axis],
    inputBatchingDims: [],
    indicesBatchingDims: [],
    scatterDimsToOperandDims: [axis],
    kind: "add",
  });
};
