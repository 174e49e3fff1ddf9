import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { peek, result } from "./memory.ts";

const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 on whole tensors: `{key, x0, x1}` → two int32 tensors. The rounds of
 * `host/threefry.ts`, unrolled by four because this is what random numbers cost on a CPU.
 */
export const threefry: KernelFunc = ({ inputs, backend }) => {
  const host = backend as KernelBackend;
  const { key, x0, x1 } = inputs as unknown as {
    readonly key: TensorInfo;
    readonly x0: TensorInfo;
    readonly x1: TensorInfo;
  };
  const words = peek(host, key);
  const [k0, k1] = [words[0]! | 0, words[1]! | 0];
  const keys = Int32Array.of(k0, k1, k0 ^ k1 ^ PARITY);
  const [left, right] = [peek(host, x0), peek(host, x1)];
  const [out0, out1] = [new Int32Array(left.length), new Int32Array(left.length)];
  for (let i = 0; i < left.length; i++) {
    let a = (left[i]! + k0) | 0;
    let b = (right[i]! + k1) | 0;
    for (let group = 1; group <= 5; group++) {
      if (group % 2 === 1) {
        a = (a + b) | 0;
        b = ((b << 13) | (b >>> 19)) ^ a;
        a = (a + b) | 0;
        b = ((b << 15) | (b >>> 17)) ^ a;
        a = (a + b) | 0;
        b = ((b << 26) | (b >>> 6)) ^ a;
        a = (a + b) | 0;
        b = ((b << 6) | (b >>> 26)) ^ a;
      } else {
        a = (a + b) | 0;
        b = ((b << 17) | (b >>> 15)) ^ a;
        a = (a + b) | 0;
        b = ((b << 29) | (b >>> 3)) ^ a;
        a = (a + b) | 0;
        b = ((b << 16) | (b >>> 16)) ^ a;
        a = (a + b) | 0;
        b = ((b << 24) | (b >>> 8)) ^ a;
      }
      a = (a + keys[group % 3]!) | 0;
      b = (b + keys[(group + 1) % 3]! + group) | 0;
    }
    out0[i] = a;
    out1[i] = b;
  }
  return [result(host, out0, x0.shape, "int32"), result(host, out1, x0.shape, "int32")];
};
