import type { Heap } from "../memory/heap.ts";
import { MAY_BLOCK } from "./sync.ts";

/** Functions of a module of kernels. `scratch` is memory of the thread that calls. */
export interface ProgramExports {
  /** Runs all tasks on this thread. */
  serial(args: number, scratch: number): void;
  /**
   * Runs all tasks together with the other threads. Before it takes a chunk it must not write
   * anything: a thread that comes too late passes here with arguments that are no longer valid.
   */
  parallel?(args: number, scratch: number, sequence: number): void;
}

/** A program that a pool can run. */
export interface PoolProgram {
  /** Number by which workers know it, at least 1. */
  readonly id: number;
  readonly exports: ProgramExports;
  /** Its code in the heap, for the workers; undefined when only this thread runs it. */
  readonly code: { readonly address: number; readonly length: number } | undefined;
  readonly scratchBytes: number;
}

/** What is known about a program beyond its code. */
export interface ProgramOptions {
  /** Bytes that each thread needs for itself while it runs a chunk, default 0. */
  readonly scratchBytes?: number;
  /** Whether more than one thread is worth it, default true. */
  readonly parallel?: boolean;
  /** The compiled module, where that was done before (asynchronously, for example). */
  readonly module?: WebAssembly.Module;
}

/** Instantiates a program for this thread and puts its code where workers find it. */
export const createProgram = (
  heap: Heap,
  id: number,
  bytes: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
  mayBlock: boolean,
  options: ProgramOptions,
): PoolProgram => {
  const module = options.module ?? new WebAssembly.Module(bytes);
  const exports = new WebAssembly.Instance(module, imports).exports as unknown as ProgramExports &
    Readonly<Record<typeof MAY_BLOCK, WebAssembly.Global | undefined>>;
  const flag = exports[MAY_BLOCK];
  if (flag !== undefined) flag.value = mayBlock ? 1 : 0;
  const program = { id, exports, scratchBytes: options.scratchBytes ?? 0 };
  const parallel = heap.shared && exports.parallel !== undefined && options.parallel !== false;
  if (!parallel) return { ...program, code: undefined };
  const address = heap.allocate(bytes.length);
  heap.u8(address, bytes.length).set(bytes);
  return { ...program, code: { address, length: bytes.length } };
};
