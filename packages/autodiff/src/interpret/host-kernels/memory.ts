import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

// The wasm backend can show its memory without a copy.
interface Heap {
  readonly typedArrayFromHeap?: (info: TensorInfo) => Float32Array | Int32Array | Uint8Array;
}

/** The elements of a tensor to read now; they may be gone after the next allocation. */
export const peek = (
  backend: KernelBackend,
  info: TensorInfo,
): Float32Array | Int32Array | Uint8Array => {
  const heap = backend as unknown as Heap;
  if (heap.typedArrayFromHeap !== undefined) return heap.typedArrayFromHeap(info);
  return backend.readSync(info.dataId) as Float32Array;
};

/** What a kernel returns for elements it has computed. */
export const result = (
  backend: KernelBackend,
  values: Float32Array | Int32Array | Uint8Array,
  shape: number[],
  dtype: "float32" | "int32" | "bool",
): TensorInfo => ({ dataId: backend.write(values, shape, dtype), shape, dtype });
