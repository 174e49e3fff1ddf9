import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { borrowFromCpu, silenced } from "./borrow.ts";
import { fusedMatMul } from "./fused-matmul.ts";
import { replaceKernel } from "./kernel.ts";
import { batchMatMul } from "./matmul.ts";
import { defaultWasmPaths, type WasmPaths } from "./runtime.ts";
import { unsortedSegmentSum } from "./segment-sum.ts";

/** Settings of {@link cpu}. */
export interface CPUOptions {
  /**
   * Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist` are served.
   * Default: its own folder in Node and Deno, the files copied by the bundler in browsers.
   */
  readonly wasmPaths?: WasmPaths;
}

/** What tfjs computes on after {@link cpu}. */
export interface CPU {
  /** `"wasm"`, or `"cpu"` (plain JavaScript) where WebAssembly could not be started. */
  readonly backend: "wasm" | "cpu";
  /** Whether vector instructions are used. */
  readonly simd: boolean;
  /** Threads used by matrix products and convolutions: 1 in Node and Deno, and in pages that are not cross-origin isolated. */
  readonly threads: number;
  /** Why the backend is not `"wasm"`. */
  readonly reason?: string;
}

/**
 * Makes the CPU tfjs's active backend: WebAssembly with SIMD, or plain JavaScript where that cannot be started.
 *
 * Of tfjs's wasm backend it replaces the matrix products, which are slow or wrong for transposed and batched operands,
 * and adds kernels whose absence blocks training (gradients of convolutions and of `gather`, `einsum`).
 *
 * @param options - See {@link CPUOptions}.
 * @returns The backend, its SIMD and threads, and the reason when it is the slow one.
 *
 * @example
 * ```ts
 * import { cpu } from "@layerwise/cpu";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const { backend, simd, threads, reason } = await cpu();
 * console.log(backend, simd, threads, reason);
 * const y = tf.matMul([[1, 2]], [[3, 4]], false, true);
 * if (y.dataSync()[0] !== 11) throw new Error("1·3 + 2·4 = 11");
 * ```
 */
export const cpu = (options: CPUOptions = {}): Promise<CPU> => {
  // One after the other: of two initialisations at the same time, tfjs's engine lets one fail.
  const call = lastCall.then(() => start(options));
  lastCall = call.catch(() => {});
  return call;
};

let lastCall: Promise<unknown> = Promise.resolve();

const start = async ({ wasmPaths = defaultWasmPaths() }: CPUOptions): Promise<CPU> => {
  // Imported here, as these modules register backends and kernels when they are evaluated.
  const javascript = await import("@tensorflow/tfjs-backend-cpu");
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  try {
    if (tf.engine().registry.wasm === undefined) {
      if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths);
      await startBackend();
    }
  } catch (error) {
    await activate("cpu");
    silenced(tf.backend() as MathBackendCPU);
    const { message } = error as { message?: string };
    return { backend: "cpu", simd: false, threads: 1, reason: message ?? String(error) };
  }
  registerKernels(silenced(new javascript.MathBackendCPU()));
  await activate("wasm");
  const simd = Boolean(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"));
  return { backend: "wasm", simd, threads: wasm.getThreadsCount() };
};

/** Starts wasm outside tfjs's engine, which would print the reason of a failure and not return it. */
const startBackend = async (): Promise<void> => {
  const create = tf.findBackendFactory("wasm");
  let started: tf.KernelBackend | undefined = await create();
  tf.removeBackend("wasm");
  const factory = async (): Promise<tf.KernelBackend> => {
    const backend = started ?? (await create());
    // After a reset of the engine the first one is disposed.
    started = undefined;
    return backend;
  };
  tf.registerBackend("wasm", factory, 2);
};

const activate = async (backend: string): Promise<void> => {
  if (!(await tf.setBackend(backend))) {
    throw new Error(`cpu: tfjs could not start its ${backend} backend; the console has the reason`);
  }
  await tf.ready();
};

const registerKernels = (host: MathBackendCPU): void => {
  replaceKernel("BatchMatMul", (plain) => batchMatMul(plain, host));
  const matMul = tf.getKernel("BatchMatMul", "wasm").kernelFunc;
  replaceKernel("_FusedMatMul", (fused) => fusedMatMul(fused, matMul));
  const missing = [unsortedSegmentSum, ...borrowed.map((name) => borrowFromCpu(name, host))];
  for (const kernel of missing) {
    // tfjs warns about a kernel that is there already, as on a second call.
    if (!tf.getKernel(kernel.kernelName, "wasm")) tf.registerKernel(kernel);
  }
};

/** Kernels without which tfjs's wasm backend cannot train convolutions, or run `tf.einsum`. */
const borrowed = [
  "Conv2DBackpropFilter",
  "DepthwiseConv2dNativeBackpropFilter",
  "DepthwiseConv2dNativeBackpropInput",
  "Einsum",
];
