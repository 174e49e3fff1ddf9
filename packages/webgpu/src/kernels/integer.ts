import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { DataType, KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { assertSameInt32, lookUp } from "./check.ts";
import { runElementwise } from "./elementwise.ts";

// WGSL takes shift amounts modulo 32; StableHLO shifts everything out.
const bitwiseOps = {
  and: "a[index] & b[index]",
  or: "a[index] | b[index]",
  xor: "a[index] ^ b[index]",
  shift_left: "select(0, a[index] << (U(b) & 31u), U(b) < 32u)",
  shift_right_logical: "select(0, bitcast<i32>(U(a) >> (U(b) & 31u)), U(b) < 32u)",
  shift_right_arithmetic: "a[index] >> min(U(b), 31u)",
};

const compareDirections = {
  LT: "select(0, 1, U(a) < U(b))",
  LE: "select(0, 1, U(a) <= U(b))",
  GT: "select(0, 1, U(a) > U(b))",
  GE: "select(0, 1, U(a) >= U(b))",
};

// XLA's convention for a zero divisor: all bits set, and the dividend.
const uint32Ops = {
  divide: "bitcast<i32>(select(U(a) / max(U(b), 1u), 0xffffffffu, U(b) == 0u))",
  remainder: "bitcast<i32>(select(U(a) % max(U(b), 1u), U(a), U(b) == 0u))",
  maximum: "bitcast<i32>(max(U(a), U(b)))",
  minimum: "bitcast<i32>(min(U(a), U(b)))",
};

// The same for signed integers: −1, and the dividend. Sums and products wrap.
const int32Ops = {
  add: "a[index] + b[index]",
  subtract: "a[index] - b[index]",
  multiply: "a[index] * b[index]",
  divide: "select(a[index] / select(b[index], 1, b[index] == 0), -1, b[index] == 0)",
  remainder: "select(a[index] % select(b[index], 1, b[index] == 0), a[index], b[index] == 0)",
};

const binaryKernel = (
  kernelName: string,
  attr: string,
  table: Record<string, string>,
  dtype: DataType,
): KernelConfig => ({
  kernelName,
  backendName: "webgpu",
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
    assertSameInt32(kernelName, { a, b });
    const expression = lookUp(kernelName, attr, table, attrs?.[attr]);
    return runElementwise(backend as WebGPUBackend, {
      name: `${kernelName}_${attrs?.[attr]}`,
      inputs: { a, b },
      shape: a.shape,
      dtype,
      expression: expression.replaceAll(/U\((\w)\)/g, "bitcast<u32>($1[index])"),
    });
  },
});

/** Bit operations and shifts on int32; an amount outside 0…31 shifts every bit out. */
export const bitwise: KernelConfig = binaryKernel("LayerwiseBitwise", "op", bitwiseOps, "int32");

/** Comparison of int32 tensors that hold the bits of u32. */
export const uint32Compare: KernelConfig = binaryKernel(
  "LayerwiseUint32Compare",
  "direction",
  compareDirections,
  "bool",
);

/** Arithmetic that differs between u32 and i32, on int32 tensors that hold the bits of u32. */
export const uint32Binary: KernelConfig = binaryKernel(
  "LayerwiseUint32Binary",
  "op",
  uint32Ops,
  "int32",
);

/** Arithmetic on int32 with all its bits; tfjs's own kernels pass integers through floats. */
export const int32Binary: KernelConfig = binaryKernel(
  "LayerwiseInt32Binary",
  "op",
  int32Ops,
  "int32",
);
