import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { broadcast_util, type KernelConfig, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { borrowFromCpu } from "./borrow.ts";
import { type KernelArguments, runKernel } from "./kernel.ts";

/**
 * Makes a `BatchMatMul` that gives tfjs's own only products of two plain matrices.
 *
 * Those run in XNNPACK; a transposed or batched operand takes a scalar loop there, ten times slower (tfjs 4.22.0,
 * batch_mat_mul_impl.cc). So operands are transposed first, and batches multiplied one by one.
 */
export const batchMatMul = (
  plain: KernelConfig["kernelFunc"],
  host: MathBackendCPU,
): KernelConfig["kernelFunc"] => {
  const onHost = borrowFromCpu("BatchMatMul", host).kernelFunc;
  return (args) => {
    const { a, b } = args.inputs as Record<"a" | "b", TensorInfo>;
    // XNNPACK has no integers.
    if (a.dtype !== "float32" || b.dtype !== "float32") return onHost(args);
    return withTransposed(args, (left, right, wasm) => multiply(plain, left, right, wasm));
  };
};

/** Calls `compute` with operands that have been transposed as the attributes say. */
export const withTransposed = (
  { inputs, attrs, backend }: KernelArguments,
  compute: (a: TensorInfo, b: TensorInfo, wasm: BackendWasm) => TensorInfo,
): TensorInfo => {
  const wasm = backend as BackendWasm;
  const transpose = (x: TensorInfo): TensorInfo => {
    const perm = x.shape.map((_, axis) => axis);
    perm.push(...perm.splice(-2).reverse());
    // tfjs's kernel divides by zero where an axis is empty.
    if (util.sizeFromShape(x.shape) > 0) return runKernel(wasm, "Transpose", { x }, { perm });
    const shape = perm.map((axis) => x.shape[axis] as number);
    return wasm.makeOutput(shape, x.dtype);
  };
  const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
  const left = attrs?.transposeA ? transpose(a) : a;
  const right = attrs?.transposeB ? transpose(b) : b;
  try {
    return compute(left, right, wasm);
  } finally {
    if (left !== a) wasm.disposeData(left.dataId);
    if (right !== b) wasm.disposeData(right.dataId);
  }
};

const multiply = (
  plain: KernelConfig["kernelFunc"],
  a: TensorInfo,
  b: TensorInfo,
  wasm: BackendWasm,
): TensorInfo => {
  const [rows, inner] = a.shape.slice(-2) as [number, number];
  const columns = b.shape.at(-1) as number;
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const shape = [...batch, rows, columns];
  const matMul = (left: TensorInfo, right: TensorInfo): TensorInfo =>
    plain({
      inputs: { a: left, b: right },
      attrs: { transposeA: false, transposeB: false },
      backend: wasm,
    }) as TensorInfo;

  if (util.sizeFromShape(shape) === 0 || inner === 0) {
    const zeros = new Float32Array(util.sizeFromShape(shape));
    return wasm.makeOutput(shape, "float32", undefined, zeros);
  }
  if (util.sizeFromShape(batchB) === 1) {
    // One matrix on the right: the batches on the left are just more rows.
    const left = { ...a, shape: [util.sizeFromShape(batchA) * rows, inner] };
    return { ...matMul(left, { ...b, shape: [inner, columns] }), shape };
  }

  const out = wasm.makeOutput(shape, "float32");
  const target = wasm.getMemoryOffset(out.dataId);
  const bytes = rows * columns * Float32Array.BYTES_PER_ELEMENT;
  for (let i = 0; i < util.sizeFromShape(batch); i++) {
    const left = matrixView(wasm, a, broadcastIndex(i, batch, batchA));
    const right = matrixView(wasm, b, broadcastIndex(i, batch, batchB));
    const product = matMul(left, right);
    const source = wasm.getMemoryOffset(product.dataId);
    heap(wasm).copyWithin(target + i * bytes, source, source + bytes);
    wasm.disposeData(product.dataId);
    releaseView(wasm, left);
    releaseView(wasm, right);
  }
  return out;
};

/** Flat index into an operand's batch for the flat index into the result's batch. */
const broadcastIndex = (index: number, batch: number[], operand: number[]): number => {
  let [rest, flat, stride] = [index, 0, 1];
  for (let axis = 1; axis <= operand.length; axis++) {
    const [size, sizeOut] = [operand.at(-axis) as number, batch.at(-axis) as number];
    if (size !== 1) flat += (rest % sizeOut) * stride;
    stride *= size;
    rest = Math.floor(rest / sizeOut);
  }
  return flat;
};

/** A tensor on the memory of one matrix of a batch. */
const matrixView = (wasm: BackendWasm, x: TensorInfo, index: number): TensorInfo => {
  const shape = x.shape.slice(-2);
  const bytes = util.sizeFromShape(shape) * Float32Array.BYTES_PER_ELEMENT;
  return wasm.makeOutput(shape, "float32", wasm.getMemoryOffset(x.dataId) + index * bytes);
};

// Not disposeData, which would free memory that belongs to the batch.
const releaseView = (wasm: BackendWasm, { dataId }: TensorInfo): void => {
  wasm.wasm.tfjs.disposeData(wasm.dataIdMap.get(dataId).id);
  wasm.dataIdMap.delete(dataId);
};

// tfjs's declarations leave it out. Read anew each time: an allocation may replace the heap.
const heap = ({ wasm }: BackendWasm): Uint8Array =>
  (wasm as unknown as { HEAPU8: Uint8Array }).HEAPU8;
