import * as tf from "@tensorflow/tfjs-core";

/** Awkward u32 values first, then a linear congruential sequence (Numerical Recipes' constants). */
export const words = (size: number, seed: number): Uint32Array => {
  const awkward = [0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];
  let state = seed >>> 0;
  return Uint32Array.from({ length: size }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return i % 3 === 0 ? (awkward[(i / 3 + seed) % awkward.length] as number) : state;
  });
};

/** An int32 tensor with the bits of u32, its data still on the CPU side of the backend. */
export const int32 = (bits: Uint32Array | readonly number[], shape?: number[]): tf.Tensor =>
  tf.tensor(Int32Array.from(bits), shape ?? [bits.length], "int32");

/** Moves a tensor's data to the GPU side, as after any other kernel that ran there. */
export const upload = <T extends tf.Tensor>(x: T): T => {
  const backend = tf.backend() as tf.KernelBackend & { uploadToGPU(dataId: object): void };
  if (x.size > 0) backend.uploadToGPU(x.dataId);
  return x;
};

/** Runs a kernel that has one output. */
export const run = (kernel: string, inputs: tf.NamedTensorMap, attrs = {}): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;

/** Reads int32 bits back as u32, and disposes the tensor. */
export const bitsOf = async (x: tf.Tensor): Promise<number[]> => {
  const data = await x.data();
  x.dispose();
  return Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length));
};

/** Fewer than a workgroup, exactly one, more than one; 1000 is where tfjs stops forwarding to the CPU. */
export const sizes = [0, 1, 63, 64, 65, 1000, 5000] as const;
