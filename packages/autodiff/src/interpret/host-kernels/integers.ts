import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { binaryFunction } from "../../host/arithmetic.ts";
import type { BinaryOp } from "../../ir/types.ts";
import { peek, result } from "./memory.ts";

interface Pair {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

/** Kernel over two int32 tensors of one shape, read as `dtype`; attribute `op`. */
const binary =
  (dtype: "i32" | "u32"): KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const host = backend as KernelBackend;
    const { a, b } = inputs as unknown as Pair;
    const apply = binaryFunction(attrs?.op as BinaryOp, dtype);
    const [x, y] = [peek(host, a), peek(host, b)];
    const out = new Int32Array(x.length);
    // Stored into an Int32Array, every result wraps modulo 2³².
    if (dtype === "u32") {
      for (let i = 0; i < out.length; i++) out[i] = apply(x[i]! >>> 0, y[i]! >>> 0);
    } else {
      for (let i = 0; i < out.length; i++) out[i] = apply(x[i]!, y[i]!);
    }
    return result(host, out, a.shape, "int32");
  };

/** Bit operations and shifts. */
export const bitwise: KernelFunc = binary("i32");
/** Signed arithmetic: exact products, truncated quotients. */
export const int32Binary: KernelFunc = binary("i32");
/** Arithmetic on the bits as unsigned numbers. */
export const uint32Binary: KernelFunc = binary("u32");

/** The bits as unsigned numbers, rounded to floats. */
export const uint32ToFloat: KernelFunc = ({ inputs, backend }) => {
  const host = backend as KernelBackend;
  const { x } = inputs as unknown as { readonly x: TensorInfo };
  const bits = peek(host, x);
  const out = new Float32Array(bits.length);
  for (let i = 0; i < out.length; i++) out[i] = bits[i]! >>> 0;
  return result(host, out, x.shape, "float32");
};

/**
 * Truncation of floats to int32 or, with attribute `signed` false, to the bits of a u32. What lies
 * beyond the range becomes its end, NaN becomes 0; a typed array alone would wrap.
 */
export const floatToInteger: KernelFunc = ({ inputs, attrs, backend }) => {
  const host = backend as KernelBackend;
  const { x } = inputs as unknown as { readonly x: TensorInfo };
  const [low, high] = attrs?.signed ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const values = peek(host, x);
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.max(low, Math.min(high, values[i]!));
  return result(host, out, x.shape, "int32");
};

/** The same bits as another type; attribute `dtype`. */
export const bitcast: KernelFunc = ({ inputs, attrs, backend }) => {
  const host = backend as KernelBackend;
  const { x } = inputs as unknown as { readonly x: TensorInfo };
  const { buffer } = peek(host, x).slice();
  return attrs?.dtype === "float32"
    ? result(host, new Float32Array(buffer), x.shape, "float32")
    : result(host, new Int32Array(buffer), x.shape, "int32");
};
