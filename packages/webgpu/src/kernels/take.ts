import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { runElementwise } from "./elementwise.ts";

/**
 * Slices along the middle axis: x [outer, n, inner] and int32 indices [count] give
 * [outer, count, inner]; an index out of range is clamped.
 *
 * Every bit is copied. tfjs's GatherV2 multiplies by whether the index is in range, in floats: that
 * rounds large integers, and flushes denormal numbers, which small integers are when moved as floats.
 */
export const take: KernelConfig = {
  kernelName: "LayerwiseTake",
  backendName: "webgpu",
  kernelFunc: ({ inputs, backend }) => {
    const { x, indices } = inputs as Record<"x" | "indices", TensorInfo>;
    const [outer = 0, n = 0, inner = 0] = x.shape;
    const [count = 0] = indices.shape;
    if (x.shape.length !== 3 || indices.shape.length !== 1 || indices.dtype !== "int32") {
      throw new Error(
        "LayerwiseTake: expected x of rank 3 and int32 indices of rank 1, " +
          `got [${x.shape.join(", ")}] and ${indices.dtype} [${indices.shape.join(", ")}]`,
      );
    }
    // WGSL refuses to divide by the constant 0, also in a shader that writes nothing.
    const [row, rows] = [Math.max(1, inner), Math.max(1, count)];
    const number = `clamp(indices[(index / ${row}) % ${rows}], 0, ${n - 1})`;
    return runElementwise(backend as WebGPUBackend, {
      name: `LayerwiseTake_${n}_${inner}_${count}`,
      inputs: { x, indices },
      shape: [outer, count, inner],
      dtype: x.dtype,
      expression: `x[((index / ${row * rows}) * ${n} + ${number}) * ${row} + index % ${row}]`,
    });
  },
};
