import { type Infer, operands, reject } from "./check.ts";
import { at, complement, range, sameShape, sameType } from "./shape.ts";
import type { AddressingOp } from "./types.ts";

type Indexing = AddressingOp | "sort";

/** Type rules of operations that address elements by index or order. */
export const inferIndexing: { readonly [K in Indexing]: Infer<K> } = {
  gather: (inputs, dims) => {
    const [x, indices] = operands("gather", inputs, 2);
    if (indices.dtype !== "i32") reject("gather", inputs, "expected i32 indices");
    if (at(indices.shape, indices.shape.length - 1) !== dims.startIndexMap.length) {
      reject("gather", inputs, `expected ${dims.startIndexMap.length} indices per position`);
    }
    if (dims.sliceSizes.some((s, i) => s > at(x.shape, i))) {
      reject("gather", inputs, `slices [${dims.sliceSizes}] exceed the operand`);
    }
    const batch = indices.shape.slice(0, -1);
    const dropped = [...dims.collapsedSliceDims, ...dims.operandBatchingDims];
    const offsets = complement(x.shape.length, dropped).map((i) => at(dims.sliceSizes, i));
    let [b, o] = [0, 0];
    const shape = range(batch.length + offsets.length).map((i) =>
      dims.offsetDims.includes(i) ? at(offsets, o++) : at(batch, b++),
    );
    return [{ shape, dtype: x.dtype }];
  },
  scatter: (inputs, dims) => {
    const [x, indices, updates] = operands("scatter", inputs, 3);
    if (indices.dtype !== "i32") reject("scatter", inputs, "expected i32 indices");
    if (updates.dtype !== x.dtype) reject("scatter", inputs, "updates of another dtype");
    const batch = updates.shape.filter((_, i) => !dims.updateWindowDims.includes(i));
    if (!sameShape(batch, indices.shape.slice(0, -1))) {
      reject("scatter", inputs, "updates and indices disagree on the batch axes");
    }
    const windowAxes = complement(x.shape.length, [
      ...dims.insertedWindowDims,
      ...dims.inputBatchingDims,
    ]);
    const fits =
      windowAxes.length === dims.updateWindowDims.length &&
      windowAxes.every(
        (axis, i) => at(updates.shape, at(dims.updateWindowDims, i)) <= at(x.shape, axis),
      );
    if (!fits) reject("scatter", inputs, "update windows do not fit the operand");
    return [x];
  },
  sort: (inputs, { dimension }) => {
    const keys = at(inputs, 0);
    at(keys.shape, dimension);
    if (inputs.some((x) => !sameType({ ...x, dtype: keys.dtype }, keys))) {
      reject("sort", inputs, "expected operands of one shape");
    }
    return inputs;
  },
};
