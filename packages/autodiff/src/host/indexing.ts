import { at, complement, range } from "../ir/shape.ts";
import type { AddressingOp, GatherDims, Shape } from "../ir/types.ts";
import { limit, offsets, rowMajor } from "./offsets.ts";
import { allocate, type HostKernel, type HostTensor } from "./tensor.ts";

type Indexing = AddressingOp;

const pick = (list: readonly number[], axes: readonly number[]): number[] =>
  axes.map((axis) => at(list, axis));

/** Which operand axes the indices address, by number and by position; the rest is the window's. */
interface Addressing {
  readonly indexed: readonly number[];
  readonly batching: readonly number[];
  readonly indicesBatching: readonly number[];
  readonly windowSizes: Shape;
  readonly clamps: boolean;
}

/**
 * Offset in the operand of the window of each index, in row-major order of the indices' batch
 * axes. A window that does not fit is moved, or marked −1 where it must not be.
 */
const windowStarts = (shape: Shape, { type, data }: HostTensor, a: Addressing): Int32Array => {
  const strides = rowMajor(shape);
  const batch = type.shape.slice(0, -1);
  // Where the operand's batching axes stand at each index: they move along with the indices' own.
  const step = batch.map(() => 0);
  a.indicesBatching.forEach((axis, i) => {
    step[axis] = at(strides, at(a.batching, i));
  });
  const starts = offsets(batch, step);
  const depth = a.indexed.length;
  for (let i = 0; i < starts.length; i++) {
    for (let d = 0; d < depth; d++) {
      const axis = at(a.indexed, d);
      const room = at(shape, axis) - at(a.windowSizes, axis);
      const index = data[i * depth + d]!;
      const inside = index >= 0 && index <= room;
      if (!a.clamps && !inside) {
        starts[i] = -1;
        break;
      }
      starts[i] = starts[i]! + limit(index, 0, room) * at(strides, axis);
    }
  }
  return starts;
};

const gatherAddressing = (dims: GatherDims, sliceSizes: Shape): Addressing => ({
  indexed: dims.startIndexMap,
  batching: dims.operandBatchingDims,
  indicesBatching: dims.indicesBatchingDims,
  windowSizes: sliceSizes,
  clamps: true,
});

/** Evaluation of operations that address windows of an operand by index. */
export const hostIndexing: { readonly [K in Indexing]: HostKernel<K> } = {
  gather: (inputs, attrs, [type]) => {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    const { shape } = x.type;
    const starts = windowStarts(shape, indices, gatherAddressing(attrs, attrs.sliceSizes));
    const windowAxes = complement(shape.length, [
      ...attrs.collapsedSliceDims,
      ...attrs.operandBatchingDims,
    ]);
    const within = offsets(pick(attrs.sliceSizes, windowAxes), pick(rowMajor(shape), windowAxes));
    const strides = rowMajor(type!.shape);
    const batchAxes = complement(type!.shape.length, attrs.offsetDims);
    const to = offsets(pick(type!.shape, batchAxes), pick(strides, batchAxes));
    const toWithin = offsets(pick(type!.shape, attrs.offsetDims), pick(strides, attrs.offsetDims));
    const out = allocate(type!.dtype, to.length * toWithin.length);
    for (let i = 0; i < to.length; i++) {
      for (let j = 0; j < toWithin.length; j++) {
        out[to[i]! + toWithin[j]!] = x.data[starts[i]! + within[j]!]!;
      }
    }
    return [out];
  },
  scatter: (inputs, attrs) => {
    const [x, indices, updates] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const { shape } = x.type;
    const windowAxes = complement(shape.length, [
      ...attrs.insertedWindowDims,
      ...attrs.inputBatchingDims,
    ]);
    const window = pick(updates.type.shape, attrs.updateWindowDims);
    const windowSizes = shape.map((_, axis) =>
      windowAxes.includes(axis) ? at(window, windowAxes.indexOf(axis)) : 1,
    );
    const starts = windowStarts(shape, indices, {
      indexed: attrs.scatterDimsToOperandDims,
      batching: attrs.inputBatchingDims,
      indicesBatching: attrs.indicesBatchingDims,
      windowSizes,
      clamps: false,
    });
    const within = offsets(window, pick(rowMajor(shape), windowAxes));
    const strides = rowMajor(updates.type.shape);
    const batchAxes = range(strides.length).filter((i) => !attrs.updateWindowDims.includes(i));
    const from = offsets(pick(updates.type.shape, batchAxes), pick(strides, batchAxes));
    const fromWithin = offsets(window, pick(strides, attrs.updateWindowDims));
    const out = x.data.slice();
    for (let i = 0; i < from.length; i++) {
      if (starts[i]! < 0) continue;
      for (let j = 0; j < within.length; j++) {
        const target = starts[i]! + within[j]!;
        const update = updates.data[from[i]! + fromWithin[j]!]!;
        out[target] = attrs.kind === "add" ? out[target]! + update : update;
      }
    }
    return [out];
  },
};
