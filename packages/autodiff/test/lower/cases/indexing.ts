import { type Case, call, distinct, f, i, of } from "../case.ts";

export const indexings: readonly Case[] = [
  call("GatherV2", "rows", { x: f([4, 3]), indices: i([5], 0, 4) }, { axis: 0, batchDims: 0 }),
  call(
    "GatherV2",
    "a matrix of columns",
    { x: f([2, 4, 3]), indices: i([2, 2], 0, 4) },
    { axis: 1 },
  ),
  call("GatherV2", "a scalar", { x: f([4, 3]), indices: of([2], "int32", []) }, { axis: -1 }),
  call(
    "GatherV2",
    "a batch",
    { x: f([3, 4, 2]), indices: i([3, 5], 0, 4) },
    {
      axis: 1,
      batchDims: 1,
    },
  ),
  call(
    "GatherV2",
    "a batch and an axis between",
    { x: f([2, 3, 4, 2]), indices: i([2, 5], 0, 4) },
    {
      axis: 2,
      batchDims: 1,
    },
  ),
  call(
    "GatherV2",
    "a batch counted from the end",
    { x: f([3, 4]), indices: i([3, 2], 0, 4) },
    { axis: 1, batchDims: -1 },
  ),
  call("GatherV2", "nothing", { x: f([4, 3]), indices: i([0]) }, { axis: 0 }),
  call("GatherNd", "elements", { params: f([4, 3]), indices: i([5, 2], 0, 3) }),
  call("GatherNd", "rows", { params: f([4, 3, 2]), indices: i([2, 2, 1], 0, 4) }),
  call(
    "ScatterNd",
    "elements that meet",
    {
      indices: of([4, 3, 1, 4], "int32", [4, 1]),
      updates: f([4]),
    },
    { shape: [8] },
  ),
  call(
    "ScatterNd",
    "a vector of indices",
    { indices: of([4, 3, 4], "int32"), updates: f([3]) },
    { shape: [8] },
  ),
  call(
    "ScatterNd",
    "rows",
    { indices: i([3, 1], 0, 4), updates: f([3, 2, 2]) },
    {
      shape: [4, 2, 2],
    },
  ),
  call(
    "ScatterNd",
    "integers",
    { indices: i([2, 3, 2], 0, 3), updates: i([2, 3]) },
    {
      shape: [3, 4],
    },
  ),
  call("TensorScatterUpdate", "elements", {
    tensor: f([8]),
    indices: of([4, 3, 1, 7], "int32", [4, 1]),
    updates: f([4]),
  }),
  call("TensorScatterUpdate", "rows, the last one wins", {
    tensor: f([4, 3]),
    indices: of([1, 2, 1], "int32", [3, 1]),
    updates: f([3, 3]),
  }),
  call(
    "SparseToDense",
    "a vector",
    {
      sparseIndices: of([1, 3], "int32"),
      sparseValues: f([2]),
      defaultValue: of([9], "float32", []),
    },
    { outputShape: [5] },
  ),
  call(
    "SparseToDense",
    "a scalar in many places",
    {
      sparseIndices: of([0, 1, 2, 3], "int32", [2, 2]),
      sparseValues: of([4], "int32", []),
      defaultValue: of([-1], "int32", []),
    },
    { outputShape: [3, 4] },
  ),
  call(
    "SparseToDense",
    "one place",
    {
      sparseIndices: of([2], "int32", []),
      sparseValues: of([4], "float32", []),
      defaultValue: of([0], "float32", []),
    },
    { outputShape: [3] },
  ),
  call(
    "UnsortedSegmentSum",
    "rows",
    { x: f([6, 2]), segmentIds: i([6], 0, 4) },
    {
      numSegments: 4,
    },
  ),
  call(
    "UnsortedSegmentSum",
    "ids outside",
    {
      x: f([4, 2, 2]),
      segmentIds: of([0, 5, -1, 0], "int32"),
    },
    { numSegments: 2 },
  ),
  call("Bincount", "no weights", { x: i([9], 0, 6), weights: f([0]) }, { size: 4 }),
  call("Bincount", "a matrix", { x: i([3, 4], 0, 6), weights: f([3, 4]) }, { size: 5 }),
  call("Bincount", "weights", { x: i([9], 0, 4), weights: f([9]) }, { size: 5 }),
  call(
    "DenseBincount",
    "a vector",
    { x: i([9], 0, 4), weights: f([9]) },
    {
      size: 5,
      binaryOutput: false,
    },
  ),
  call(
    "DenseBincount",
    "rows",
    { x: i([3, 5], 0, 6), weights: f([0]) },
    {
      size: 5,
      binaryOutput: false,
    },
  ),
  call(
    "DenseBincount",
    "weighted rows",
    { x: i([3, 5], 0, 4), weights: f([3, 5]) },
    {
      size: 4,
      binaryOutput: false,
    },
  ),
  call(
    "DenseBincount",
    "presence in rows",
    { x: i([3, 5], 0, 4), weights: f([0]) },
    {
      size: 4,
      binaryOutput: true,
    },
  ),
  ...(["left", "right"] as const).flatMap((side) => [
    call(
      "SearchSorted",
      `ties, ${side}`,
      {
        sortedSequence: of([0, 3, 3, 8, 9, 10], "int32", [1, 6]),
        values: of([3, 0, 10, 11, -1, 5], "int32", [1, 6]),
      },
      { side },
    ),
    call(
      "SearchSorted",
      `rows, ${side}`,
      {
        sortedSequence: of([0, 1, 2, 2, 3, 4], "float32", [2, 3]),
        values: f([2, 4], -1, 5),
      },
      { side },
    ),
  ]),
  call("TopK", "rows", { x: distinct([3, 6]) }, { k: 2, sorted: true }),
  call("TopK", "ties", { x: of([1, 3, 3, 2, 1], "int32") }, { k: 4, sorted: true }),
  call("TopK", "all", { x: distinct([2, 2, 4]) }, { k: 4, sorted: true }),
];
