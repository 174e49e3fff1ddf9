import { type KernelBackend, type TensorInfo, util } from "@tensorflow/tfjs-core";

/** Elements as backends hold them. */
export type Elements = Float32Array | Int32Array | Uint8Array;

type TfType = "float32" | "int32" | "bool";

// The wasm backend can show its memory without a copy.
interface Heap {
  readonly typedArrayFromHeap?: (info: TensorInfo) => Elements;
  readonly makeOutput?: (shape: number[], dtype: TfType) => TensorInfo;
}

/** The elements of a tensor to read now; they may be gone after the next allocation. */
export const peek = (backend: KernelBackend, info: TensorInfo): Elements => {
  const heap = backend as unknown as Heap;
  if (heap.typedArrayFromHeap !== undefined) return heap.typedArrayFromHeap(info);
  return backend.readSync(info.dataId) as Elements;
};

/** What a kernel returns for elements it has computed. */
export const result = (
  backend: KernelBackend,
  values: Elements,
  shape: number[],
  dtype: TfType,
): TensorInfo => ({ dataId: backend.write(values, shape, dtype), shape, dtype });

const allocate = (dtype: TfType, size: number): Elements => {
  if (dtype === "float32") return new Float32Array(size);
  return dtype === "int32" ? new Int32Array(size) : new Uint8Array(size);
};

/**
 * A tensor that `fill` writes, in place where the backend allows it. Inputs must be peeked inside
 * `fill`: making the tensor may move the memory.
 */
export const produce = (
  backend: KernelBackend,
  shape: number[],
  dtype: TfType,
  fill: (out: Elements) => void,
): TensorInfo => {
  const heap = backend as unknown as Heap;
  if (heap.typedArrayFromHeap !== undefined && heap.makeOutput !== undefined) {
    const info = heap.makeOutput(shape, dtype);
    fill(heap.typedArrayFromHeap(info));
    return info;
  }
  const out = allocate(dtype, util.sizeFromShape(shape));
  fill(out);
  return result(backend, out, shape, dtype);
};
