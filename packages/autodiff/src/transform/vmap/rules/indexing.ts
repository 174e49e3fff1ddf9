import { type Builder, literal } from "../../../ir/builder.ts";
import { at, range } from "../../../ir/shape.ts";
import type { AddressingOp, DynamicSliceOp, OpName, Shape, Value } from "../../../ir/types.ts";
import { everyBatched, exampleShape, shifted, stacked } from "../stack.ts";
import type { BatchArgs, BatchRule } from "../types.ts";

type Indexing = DynamicSliceOp | AddressingOp;

const gather: BatchRule<"gather"> = (b, { inputs, batched, attrs, size }) => {
  // Only indexed: the batch is one more axis of positions, and no axis of the operand moves.
  if (!batched[0]) {
    const dims = {
      ...attrs,
      offsetDims: shifted(attrs.offsetDims),
      indicesBatchingDims: shifted(attrs.indicesBatchingDims),
    };
    return everyBatched(b.emit("gather", inputs, dims));
  }
  const dims = {
    collapsedSliceDims: shifted(attrs.collapsedSliceDims),
    startIndexMap: shifted(attrs.startIndexMap),
  };
  // Only read from: every slice takes all examples.
  if (!batched[1]) {
    return everyBatched(
      b.emit("gather", inputs, {
        ...dims,
        offsetDims: [0, ...shifted(attrs.offsetDims)],
        operandBatchingDims: shifted(attrs.operandBatchingDims),
        indicesBatchingDims: attrs.indicesBatchingDims,
        sliceSizes: [size, ...attrs.sliceSizes],
      }),
    );
  }
  return everyBatched(
    b.emit("gather", inputs, {
      ...dims,
      offsetDims: shifted(attrs.offsetDims),
      operandBatchingDims: [0, ...shifted(attrs.operandBatchingDims)],
      indicesBatchingDims: [0, ...shifted(attrs.indicesBatchingDims)],
      sliceSizes: [1, ...attrs.sliceSizes],
    }),
  );
};

const scatter: BatchRule<"scatter"> = (b, args) => {
  const { attrs, batched, inputs } = args;
  const [x, updates] = [stacked(b, args, 0), stacked(b, args, 2)];
  const dims = {
    kind: attrs.kind,
    insertedWindowDims: shifted(attrs.insertedWindowDims),
    scatterDimsToOperandDims: shifted(attrs.scatterDimsToOperandDims),
  };
  // The same places in every example: each window holds all examples.
  if (!batched[1]) {
    return everyBatched(
      b.emit("scatter", [x, at(inputs, 1), updates], {
        ...dims,
        updateWindowDims: [0, ...shifted(attrs.updateWindowDims)],
        inputBatchingDims: shifted(attrs.inputBatchingDims),
        indicesBatchingDims: attrs.indicesBatchingDims,
      }),
    );
  }
  return everyBatched(
    b.emit("scatter", [x, at(inputs, 1), updates], {
      ...dims,
      updateWindowDims: shifted(attrs.updateWindowDims),
      inputBatchingDims: [0, ...shifted(attrs.inputBatchingDims)],
      indicesBatchingDims: [0, ...shifted(attrs.indicesBatchingDims)],
    }),
  );
};

/** The starts of all examples as indices [size, axes]. */
const startIndices = (b: Builder, args: BatchArgs<OpName>, first: number): Value =>
  b.concatenate(
    range(args.inputs.length - first).map((i) =>
      b.reshape(stacked(b, args, first + i), [args.size, 1]),
    ),
    1,
  );

const dynamicSlice: BatchRule<"dynamic_slice"> = (b, args) => {
  const { inputs, batched, attrs, size } = args;
  const [x, ...starts] = inputs as [Value, ...Value[]];
  if (!batched.slice(1).includes(true)) {
    const zero = b.zeros({ shape: [], dtype: "i32" });
    return everyBatched(
      b.emit("dynamic_slice", [x, zero, ...starts], { sizes: [size, ...attrs.sizes] }),
    );
  }
  const axes = starts.map((_, i) => i);
  return everyBatched(
    b.emit("gather", [x, startIndices(b, args, 1)], {
      offsetDims: shifted(axes),
      collapsedSliceDims: [],
      operandBatchingDims: batched[0] ? [0] : [],
      indicesBatchingDims: batched[0] ? [0] : [],
      startIndexMap: batched[0] ? shifted(axes) : axes,
      sliceSizes: batched[0] ? [1, ...attrs.sizes] : attrs.sizes,
    }),
  );
};

/** Starts moved back so that the update fits: scatter would drop it. */
const clampStarts = (b: Builder, starts: Value, shape: Shape, update: Shape): Value => {
  const last = shape.map((size, axis) => size - at(update, axis));
  const row = b.constant({ shape: [last.length], dtype: "i32" }, literal("i32", last));
  const limit = b.broadcastTo(row, starts.type.shape);
  return b.map("clamp", b.zeros(starts.type), starts, limit);
};

const dynamicUpdateSlice: BatchRule<"dynamic_update_slice"> = (b, args) => {
  const { inputs, batched } = args;
  const [x, update] = [stacked(b, args, 0), stacked(b, args, 1)];
  if (!batched.slice(2).includes(true)) {
    const zero = b.zeros({ shape: [], dtype: "i32" });
    const operands = [x, update, zero, ...inputs.slice(2)];
    return everyBatched(b.emit("dynamic_update_slice", operands, {}));
  }
  const shape = exampleShape(args, 0);
  const starts = clampStarts(b, startIndices(b, args, 2), shape, exampleShape(args, 1));
  const axes = shifted(shape.map((_, i) => i));
  return everyBatched(
    b.emit("scatter", [x, starts, update], {
      kind: "set",
      updateWindowDims: axes,
      insertedWindowDims: [],
      inputBatchingDims: [0],
      indicesBatchingDims: [0],
      scatterDimsToOperandDims: axes,
    }),
  );
};

/** Batching of operations that address elements by index. */
export const indexing: { readonly [K in Indexing]: BatchRule<K> } = {
  gather,
  scatter,
  dynamic_slice: dynamicSlice,
  dynamic_update_slice: dynamicUpdateSlice,
};
