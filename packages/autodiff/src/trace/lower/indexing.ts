import { at, range, sizeOf } from "../../ir/shape.ts";
import type { ScatterDims, Shape, Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { arithmetic } from "./operands.ts";

/** Kernels that address elements by index, count them or put them in order. */
export type IndexingKernel =
  | "Bincount"
  | "DenseBincount"
  | "GatherNd"
  | "GatherV2"
  | "ScatterNd"
  | "SearchSorted"
  | "SparseToDense"
  | "TensorScatterUpdate"
  | "TopK"
  | "UnsortedSegmentSum";

const indexOperand = (call: KernelCall, name: string): Value =>
  call.b.convert(call.signedInput(name), "i32");

// Indices of the IR end with an axis that holds one coordinate per indexed axis.
const asVectors = (call: KernelCall, indices: Value): Value =>
  call.b.reshape(indices, [...indices.type.shape, 1]);

/** The number of leading axes that operand and indices share; negative ones count from the end. */
const sharedAxes = (call: KernelCall, x: Shape, indices: Shape, axis: number): number => {
  const given = call.int("batchDims", 0);
  const rank = indices.length;
  if (Math.abs(given) > rank) {
    throw call.error(`Expect batchDims in the range of [${-rank}, ${rank}], but got ${given}`);
  }
  const count = given < 0 ? given + rank : given;
  if (count > axis) {
    throw call.error(`batchDims (${count}) must be less than or equal to axis (${axis})`);
  }
  const other = range(count).find((i) => x[i] !== indices[i]);
  if (other === undefined) return count;
  throw call.error(
    `x.shape[${other}] should be equal to indices.shape[${other}], got [${x}] and [${indices}]`,
  );
};

const gather: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const indices = indexOperand(call, "indices");
  const { shape } = x.type;
  const axis = call.axis("axis", shape.length, 0);
  const batch = sharedAxes(call, shape, indices.type.shape, axis);
  const taken = indices.type.shape.slice(batch);
  const outer = shape.slice(0, axis);
  const inner = shape.slice(axis + 1);
  const result = [...outer, ...taken, ...inner];
  // Nothing can be sliced out of an empty operand.
  if (sizeOf(result) === 0) return b.zeros({ shape: result, dtype: x.type.dtype });
  const batchDims = range(batch);
  return b.one("gather", [x, asVectors(call, indices)], {
    offsetDims: range(result.length).filter(
      (i) => (i >= batch && i < axis) || i >= axis + taken.length,
    ),
    collapsedSliceDims: [axis],
    operandBatchingDims: batchDims,
    indicesBatchingDims: batchDims,
    startIndexMap: [axis],
    sliceSizes: shape.map((d, i) => (i === axis || i < batch ? 1 : d)),
  });
};

const gatherNd: Lowering = (call) => {
  const { b } = call;
  const x = call.input("params");
  const indices = indexOperand(call, "indices");
  const { shape } = x.type;
  const count = at(indices.type.shape, indices.type.shape.length - 1);
  if (shape.length === 0 || count > shape.length) {
    throw call.error(`indices [${indices.type.shape}] do not address an array [${shape}]`);
  }
  const batch = indices.type.shape.slice(0, -1);
  const rest = shape.slice(count);
  const result = [...batch, ...rest];
  if (sizeOf(result) === 0) return b.zeros({ shape: result, dtype: x.type.dtype });
  return b.one("gather", [x, indices], {
    offsetDims: rest.map((_, i) => batch.length + i),
    collapsedSliceDims: range(count),
    operandBatchingDims: [],
    indicesBatchingDims: [],
    startIndexMap: range(count),
    sliceSizes: shape.map((d, i) => (i < count ? 1 : d)),
  });
};

/** Indices of a scatter; a vector of them holds one number each. */
const scatterIndices = (call: KernelCall, name: string): Value => {
  const indices = indexOperand(call, name);
  return indices.type.shape.length < 2 ? asVectors(call, indices) : indices;
};

/** Writes or adds rows, addressed by the last axis of the indices. */
const scatterRows = (
  call: KernelCall,
  target: Value,
  indices: Value,
  updates: Value,
  kind: "add" | "set",
): Value => {
  const { b } = call;
  const { shape } = target.type;
  const count = at(indices.type.shape, indices.type.shape.length - 1);
  const batch = indices.type.shape.slice(0, -1);
  const rows = b.broadcastTo(b.convert(updates, target.type.dtype), [
    ...batch,
    ...shape.slice(count),
  ]);
  const dims: ScatterDims = {
    updateWindowDims: range(shape.length - count).map((i) => batch.length + i),
    insertedWindowDims: range(count),
    inputBatchingDims: [],
    indicesBatchingDims: [],
    scatterDimsToOperandDims: range(count),
  };
  return b.one("scatter", [target, indices, rows], { ...dims, kind });
};

const scatterNd: Lowering = (call) => {
  const updates = arithmetic(call.b, call.input("updates"));
  const zeros = call.b.zeros({ shape: call.numbers("shape"), dtype: updates.type.dtype });
  return scatterRows(call, zeros, scatterIndices(call, "indices"), updates, "add");
};

const sparseToDense: Lowering = (call) => {
  const { b } = call;
  const values = call.signedInput("sparseValues");
  const indices = scatterIndices(call, "sparseIndices");
  const filler = b.convert(call.signedInput("defaultValue"), values.type.dtype);
  const dense = b.broadcastTo(b.reshape(filler, []), call.numbers("outputShape"));
  return scatterRows(call, dense, indices, values, "set");
};

const segmentSum: Lowering = (call) => {
  const x = arithmetic(call.b, call.input("x"));
  const ids = indexOperand(call, "segmentIds");
  if (ids.type.shape.length !== 1) {
    throw call.error(`expected segmentIds of rank 1, got [${ids.type.shape}]`);
  }
  const shape = [call.int("numSegments"), ...x.type.shape.slice(1)];
  const zeros = call.b.zeros({ shape, dtype: x.type.dtype });
  return scatterRows(call, zeros, asVectors(call, ids), x, "add");
};

// The row of each element in front of its value, where there are rows.
const binIndices = (call: KernelCall, x: Value): Value => {
  const { b } = call;
  const vectors = asVectors(call, x);
  if (x.type.shape.length === 1) return vectors;
  const rows = b.iota({ shape: vectors.type.shape, dtype: "i32" }, 0);
  return b.concatenate([rows, vectors], x.type.shape.length);
};

const count = (call: KernelCall, x: Value, weights: Value): Value => {
  const { b } = call;
  const { dtype } = weights.type;
  const counts = b.zeros({ shape: [...x.type.shape.slice(0, -1), call.int("size")], dtype });
  const ones = b.fill({ shape: x.type.shape, dtype }, 1);
  const indices = binIndices(call, x);
  if (call.flag("binaryOutput")) return scatterRows(call, counts, indices, ones, "set");
  const given = sizeOf(weights.type.shape) > 0;
  return scatterRows(call, counts, indices, given ? weights : ones, "add");
};

const denseBincount: Lowering = (call) =>
  count(call, indexOperand(call, "x"), arithmetic(call.b, call.input("weights")));

// Arrays of any rank are counted as one vector.
const bincount: Lowering = (call) => {
  const flat = (v: Value): Value => call.b.reshape(v, [sizeOf(v.type.shape)]);
  const weights = arithmetic(call.b, call.input("weights"));
  return count(call, flat(indexOperand(call, "x")), flat(weights));
};

// How many elements of each sorted row stand before a value.
const searchSorted: Lowering = (call) => {
  const { b } = call;
  const [sorted, values] = [call.signedInput("sortedSequence"), call.signedInput("values")];
  const shape: Shape = [
    at(values.type.shape, 0),
    at(values.type.shape, 1),
    at(sorted.type.shape, 1),
  ];
  const before = b.compare(
    b.broadcastInDim(sorted, shape, [0, 2]),
    call.choice("side", "left", "right") === "left" ? "LT" : "LE",
    b.broadcastInDim(values, shape, [0, 1]),
  );
  return b.reduce(b.convert(before, "i32"), "add", [2]);
};

const topK: Lowering = (call) => {
  const { b } = call;
  const x = arithmetic(b, call.input("x"));
  const { shape } = x.type;
  const dimension = shape.length - 1;
  const positions = b.iota({ shape, dtype: "i32" }, dimension);
  const sorted = b.emit("sort", [x, positions], { dimension, descending: true });
  const limit = shape.map((d, i) => (i === dimension ? call.int("k", 1) : d));
  return sorted.map((y) =>
    b.slice(
      y,
      shape.map(() => 0),
      limit,
    ),
  );
};

/** Lowerings of indexing. */
export const indexing: Family<IndexingKernel> = {
  Bincount: bincount,
  DenseBincount: denseBincount,
  GatherNd: gatherNd,
  GatherV2: gather,
  ScatterNd: scatterNd,
  SearchSorted: searchSorted,
  SparseToDense: sparseToDense,
  TensorScatterUpdate: (call) =>
    scatterRows(
      call,
      call.signedInput("tensor"),
      scatterIndices(call, "indices"),
      call.signedInput("updates"),
      "set",
    ),
  TopK: topK,
  UnsortedSegmentSum: segmentSum,
};
