import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { type Elements, peek, produce } from "./memory.ts";

/** A loop of a copy: how many steps, and how far each goes in the source and in the result. */
export interface CopyAxis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Elements to move, as a nest of loops; what no loop writes gets the value `fill`. */
export interface CopyAttributes {
  readonly shape: number[];
  readonly fill: number | undefined;
  /** Where the two innermost loops start, in the source and in the result. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly middle: CopyAxis;
  readonly inner: CopyAxis;
}

// From this length on a block copy beats a loop.
const LONG = 24;

const copy = (out: Elements, x: Elements, a: CopyAttributes): void => {
  const { from, to, middle, inner } = a;
  const { size, from: step, to: stride } = inner;
  const block = step === 1 && stride === 1 && size >= LONG;
  for (let n = 0; n < from.length; n++) {
    for (let m = 0; m < middle.size; m++) {
      let source = from[n]! + m * middle.from;
      let target = to[n]! + m * middle.to;
      if (block) {
        out.set(x.subarray(source, source + size), target);
        continue;
      }
      for (let i = 0; i < size; i++) {
        out[target] = x[source]!;
        source += step;
        target += stride;
      }
    }
  }
};

/**
 * `{x}`: slices, strides, reversals, transposes, broadcasts and padding in one kernel, for every
 * dtype and rank. tfjs's own are slow on cpu, read the whole operand on wasm, and corrupt bools.
 */
export const copyKernel: KernelFunc = ({ inputs, attrs, backend }) => {
  const host = backend as KernelBackend;
  const { x } = inputs as unknown as { readonly x: TensorInfo };
  const a = attrs as unknown as CopyAttributes;
  return produce(host, a.shape, x.dtype as "float32", (out) => {
    if (a.fill !== undefined) out.fill(a.fill);
    copy(out, peek(host, x), a);
  });
};
