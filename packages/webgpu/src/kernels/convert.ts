import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { assertSameInt32 } from "./check.ts";
import { runElementwise } from "./elementwise.ts";

/** The value of int32 bits read as u32, rounded to the nearest float32, ties to even. */
export const uint32ToFloat: KernelConfig = {
  kernelName: "LayerwiseUint32ToFloat",
  backendName: "webgpu",
  kernelFunc: ({ inputs, backend }) => {
    const { x } = inputs as Record<"x", TensorInfo>;
    assertSameInt32("LayerwiseUint32ToFloat", { x });
    return runElementwise(backend as WebGPUBackend, {
      name: "uint32_to_float",
      inputs: { x },
      shape: x.shape,
      dtype: "float32",
      functions: toFloat,
      expression: "u32ToF32(bitcast<u32>(x[index]))",
    });
  },
};

// WGSL's f32(u32) may round an inexact value either way, so it sees only exact ones: up to 2^24, times a power of two.
const toFloat = `
fn u32ToF32(x : u32) -> f32 {
  if (x <= 0x1000000u) { return f32(x); }
  let dropped = 8u - countLeadingZeros(x);
  let kept = x >> dropped;
  let rest = x & ((1u << dropped) - 1u);
  let half = (1u << dropped) >> 1u;
  let up = rest > half || (rest == half && (kept & 1u) == 1u);
  return f32(kept + select(0u, 1u, up)) * f32(1u << dropped);
}`;

/** The same bits as another four-byte dtype: float32 ↔ int32. */
export const bitcast: KernelConfig = {
  kernelName: "LayerwiseBitcast",
  backendName: "webgpu",
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x } = inputs as Record<"x", TensorInfo>;
    const dtype = attrs?.dtype;
    for (const type of [x.dtype, dtype]) {
      if (type !== "float32" && type !== "int32") {
        throw new Error(
          `LayerwiseBitcast: expected dtypes float32 and int32, got ${x.dtype} to ${dtype}`,
        );
      }
    }
    return copyBits(backend as WebGPUBackend, x, dtype as "float32" | "int32");
  },
};

const copyBits = (
  backend: WebGPUBackend,
  x: TensorInfo,
  dtype: "float32" | "int32",
): TensorInfo => {
  // As floats, a GPU may flush subnormals and change the payload of NaN. So both ends of the copy are declared i32,
  // after the upload, which converts values by the dtype they have on the CPU.
  const from = backend.tensorMap.get(x.dataId);
  if (x.shape.every((size) => size > 0)) backend.uploadToGPU(x.dataId);
  from.dtype = "int32";
  try {
    const output = runElementwise(backend, {
      name: "copy_bits",
      inputs: { x },
      shape: x.shape,
      dtype: "int32",
      expression: "x[index]",
    });
    const to = backend.tensorMap.get(output.dataId);
    to.dtype = dtype;
    // Only an empty tensor has its values here.
    if (to.values) to.values = dtype === "int32" ? new Int32Array(0) : new Float32Array(0);
    return { ...output, dtype };
  } finally {
    from.dtype = x.dtype;
  }
};
