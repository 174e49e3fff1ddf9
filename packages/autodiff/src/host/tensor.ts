import { sizeOf } from "../ir/shape.ts";
import type { DType, Graph, LiteralData, OpAttrs, OpName, TensorType } from "../ir/types.ts";

/** Elements on the host: floats as doubles, integers in their own type, bools as 0 and 1. */
export type HostData = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A tensor on the host, in row-major order. Its data is never written after it is made. */
export interface HostTensor {
  readonly type: TensorType;
  readonly data: HostData;
}

/** Runs a graph on host tensors. */
export type RunGraph = (graph: Graph, inputs: readonly HostTensor[]) => readonly HostTensor[];

/** Computes the elements of an operation's results, whose types are given. */
export type HostKernel<K extends OpName> = (
  inputs: readonly HostTensor[],
  attrs: OpAttrs[K],
  outputs: readonly TensorType[],
  run: RunGraph,
) => readonly HostData[];

/** Zeros of a dtype. Storing a number into the integer arrays wraps it, as the IR wants. */
export const allocate = (dtype: DType, size: number): HostData => {
  switch (dtype) {
    case "f32":
    case "f16":
      return new Float64Array(size);
    case "i32":
      return new Int32Array(size);
    case "u32":
      return new Uint32Array(size);
    case "bool":
      return new Uint8Array(size);
  }
};

/** A host tensor of numbers given in row-major order; a single number fills the whole shape. */
export const hostTensor = (
  type: TensorType,
  values: ArrayLike<number> | LiteralData,
): HostTensor => {
  const size = sizeOf(type.shape);
  if (values.length !== size && values.length !== 1) {
    throw new Error(`hostTensor: ${values.length} elements for shape [${type.shape}]`);
  }
  const data = allocate(type.dtype, size);
  if (values.length === size) data.set(values);
  else data.fill(values[0]!);
  return { type, data };
};

const roundHalf = (x: number): number => {
  if (!Number.isFinite(x) || x === 0) return x;
  // Below 2⁻¹⁴ the spacing of half-precision numbers no longer shrinks.
  const quantum = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(x)))) - 10);
  const rounded = roundNearestEven(x / quantum) * quantum;
  return Math.abs(rounded) > 65504 ? Math.sign(x) * Number.POSITIVE_INFINITY : rounded;
};

/** The integer closest to x; of two equally close ones the even one. */
export const roundNearestEven = (x: number): number => {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest < 0.5) return low;
  if (rest > 0.5 || low % 2 !== 0) return low === -1 ? -0 : low + 1;
  return low;
};

/** The same tensor with floats rounded to what its dtype can hold. */
export const roundFloats = (x: HostTensor): HostTensor => {
  const { type, data } = x;
  if (type.dtype !== "f32" && type.dtype !== "f16") return x;
  const round = type.dtype === "f32" ? Math.fround : roundHalf;
  const rounded = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) rounded[i] = round(data[i]!);
  return { type, data: rounded };
};
