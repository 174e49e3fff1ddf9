import type { DType } from "@layerwise/autodiff/executor";
import type { Code, FunctionRef } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/**
 * Elements in memory, row-major without gaps: 4 bytes each, bool 1 byte (0 or 1). Compared by
 * identity. Addresses are aligned to the element only; up to 64 bytes behind the end may be read
 * (never written).
 */
export interface Buffer {
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
}

/** Bytes of one element. */
export const elementBytes = (dtype: DType): number => (dtype === "bool" ? 1 : 4);

/** Bytes of a buffer. */
export const bufferBytes = ({ dtype, size }: Buffer): number => size * elementBytes(dtype);

/**
 * A piece of a step that WebAssembly code computes. Its work is cut into chunks that any thread may
 * take in any order, also at the same time. Which thread computes a chunk must not change a bit of
 * the result: chunks depend on shapes, never on the number of threads.
 */
export interface Kernel {
  /** Names it in profiles and errors: "dot_general", "map exponential, add". */
  readonly name: string;
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  /** Number of chunks, at least 1 and at most 65535; 1 for what must run in order. */
  readonly chunks: number;
  /** Estimated nanoseconds of all chunks together on one thread. Decides about threads and chunks. */
  readonly cost: number;
  /** Bytes of memory of its own that a thread needs while it runs a chunk. Default 0. */
  readonly scratchBytes?: number;
  /**
   * Pairs of a written and a read buffer that may be the same memory: every element is read, by the
   * same chunk, before it is written. Default none.
   */
  readonly inPlace?: readonly (readonly [write: Buffer, read: Buffer])[];
  /** Emits the function that computes one chunk. */
  emit(context: KernelContext): void;
}

/** JavaScript functions that kernels can call for what is too rare to be worth code of its own. */
export type MathFunction = Extract<
  keyof Math,
  | "acos"
  | "acosh"
  | "asin"
  | "asinh"
  | "atan"
  | "atan2"
  | "atanh"
  | "cos"
  | "cosh"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "pow"
  | "sin"
  | "sinh"
  | "tan"
  | "tanh"
>;

/** The function that a kernel writes: (args, chunk, scratch) → (). */
export interface KernelContext {
  readonly code: Code;
  /** Number of the chunk to compute (i32). */
  readonly chunk: Local;
  /** Address of `scratchBytes` bytes of the thread's own, aligned to 64 (i32). */
  readonly scratch: Local;
  /** Address of a buffer's first byte (i32). The local is set at the entry and must not be changed. */
  address(buffer: Buffer): Local;
  /**
   * Address (i32 local) of `words` constant 32-bit patterns in memory, 16-byte aligned. V8 rebuilds
   * a `v128.const` at each use; a constant that a loop needs is loaded from here into a local
   * before the loop.
   */
  table(words: readonly number[] | Uint32Array): { readonly base: Local; readonly offset: number };
  /** A JavaScript function on doubles: pow and atan2 take two. */
  math(name: MathFunction): FunctionRef;
  /** A function of the library of products (see src/product). */
  library(name: string): FunctionRef;
}

/** Memory that lowerings ask for. */
export interface Allocator {
  /** The buffer of a value of the graph. Values that are views of another share its buffer. */
  bufferOf(value: import("@layerwise/autodiff/executor").Value): Buffer;
  /** A buffer that lives from the first kernel that uses it to the last. */
  temporary(dtype: DType, size: number): Buffer;
}
