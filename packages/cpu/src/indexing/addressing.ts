import type { Shape } from "@layerwise/autodiff/executor";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { clampStart } from "./run.ts";
import { rowMajor } from "./walk.ts";

/** How the indices of gather and scatter address windows of an operand. */
export interface Addressing {
  readonly shape: Shape;
  /** Bytes of an element of the operand. */
  readonly unit: number;
  /** Operand axes that the indices give a start for, in the order of the indices. */
  readonly indexed: readonly number[];
  readonly batching: readonly number[];
  readonly indicesBatching: readonly number[];
  readonly windowSizes: Shape;
}

/** Bytes that a step along each batch axis of the indices moves in the operand. */
export const batchStrides = (batch: Shape, a: Addressing): number[] => {
  const strides = rowMajor(a.shape, a.unit);
  return batch.map((_, axis) => {
    const i = a.indicesBatching.indexOf(axis);
    return i < 0 ? 0 : (strides[a.batching[i] as number] as number);
  });
};

/** For each index: by what it moves in the operand, and the largest that fits. */
const steps = ({ shape, unit, indexed, windowSizes }: Addressing) => {
  const strides = rowMajor(shape, unit);
  return indexed.map((axis) => ({
    stride: strides[axis] as number,
    room: (shape[axis] as number) - (windowSizes[axis] as number),
  }));
};

const addIndex = (code: Code, address: Local, stride: number): void => {
  code.i32(stride).op("i32.mul").get(address).op("i32.add").set(address);
};

/** Moves `address` to the window of the indices at `indices`, clamped so that it fits. */
export const addClamped = (code: Code, a: Addressing, indices: Local, address: Local): void => {
  steps(a).forEach(({ stride, room }, i) => {
    if (room <= 0) return;
    code.get(indices).memory("i32.load", 4 * i);
    clampStart(code, room);
    addIndex(code, address, stride);
  });
};

/** Runs `body` with `address` moved to the window of the indices where that fits. */
export const whereFits = (
  code: Code,
  a: Addressing,
  indices: Local,
  address: Local,
  body: () => void,
): void => {
  const all = steps(a);
  if (all.some(({ room }) => room < 0)) return;
  const index = code.local("i32");
  code.block((end) => {
    all.forEach(({ stride, room }, i) => {
      // Unsigned, negative indices are too large as well.
      code
        .get(indices)
        .memory("i32.load", 4 * i)
        .tee(index);
      code.i32(room).op("i32.gt_u").brIf(end);
      if (room === 0) return;
      code.get(index);
      addIndex(code, address, stride);
    });
    body();
  });
  code.release(index);
};
