/** Settings of {@link cpu}. The first call decides; later ones make the backend active again. */
export interface CPUOptions {
  /** Threads, with the one that calls. Default: the number of cores, at most 8. */
  readonly threads?: number;
  /**
   * Node only: multiplies matrices with 256-bit vectors, by an experimental switch of V8
   * (`--experimental-wasm-revectorize`) that this sets for the whole process. Default false.
   */
  readonly wideVectors?: boolean;
}

/** What tfjs computes on after {@link cpu}. */
export interface CPU {
  /** `"layerwise-cpu"`, or `"cpu"` (plain JavaScript) where WebAssembly has no vectors. */
  readonly backend: "layerwise-cpu" | "cpu";
  /** Whether vector instructions are used. */
  readonly simd: boolean;
  /** Whether multiply and add are one instruction (relaxed SIMD). */
  readonly fma: boolean;
  /** Threads that compute. */
  readonly threads: number;
  /** Why there is one thread only, or why the backend is not `"layerwise-cpu"`. */
  readonly reason?: string;
}

/**
 * Makes the CPU tfjs's active backend: kernels are compiled to WebAssembly with SIMD and threads.
 *
 * Plain tfjs code is recorded and computed, fused, when a value is read or when the program waits;
 * what `compile` of `@layerwise/autodiff` has traced runs as one program per call.
 *
 * @param options - See {@link CPUOptions}.
 * @returns The backend and its threads, and the reason when it is less than it could be.
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
export const cpu = async (options: CPUOptions = {}): Promise<CPU> => {
  // Imported here, as tfjs's cpu backend registers itself when it is evaluated.
  const { start } = await import("./start.ts");
  return start(options);
};
