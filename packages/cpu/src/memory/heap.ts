import { sharedMemoryProblem } from "../host-runtime.ts";
import type { MemoryImport } from "../wasm/module.ts";
import { BLOCK_ALIGNMENT, Blocks } from "./blocks.ts";

const PAGE = 65536;
const MAX_PAGES = 65536;
/** Bytes at both ends that belong to nobody: address 0 is never given out, reads behind the last buffer stay inside. */
const GUARD = 64;

/** How a heap's memory is made. */
export interface HeapOptions {
  /** Shared with threads. Default: wherever memory can be shared. */
  readonly shared?: boolean;
  /** Pages of 64 KiB at the start, default 256. */
  readonly initial?: number;
  /** Pages of 64 KiB that memory may grow to, default 65536 (4 GiB). */
  readonly maximum?: number;
}

/** A memory and its maximum. Where address space is short (phones), the maximum is halved until it works. */
const createMemory = (
  shared: boolean,
  initial: number,
  maximum: number,
): { readonly memory: WebAssembly.Memory; readonly maximum: number } => {
  for (;;) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared }), maximum };
    } catch (error) {
      if (maximum <= initial) throw error;
      maximum = Math.max(initial, maximum >>> 1);
    }
  }
};

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * The memory that kernels work in, with its allocator. Addresses are unsigned; those that come back
 * from WebAssembly as negative numbers are understood too.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** What a module of kernels declares to import this memory. */
  readonly memoryImport: MemoryImport;
  readonly #blocks = new Blocks();
  readonly #maximum: number;
  #pages: number;

  constructor(options: HeapOptions = {}) {
    this.shared = options.shared ?? sharedMemoryProblem() === undefined;
    this.#pages = options.initial ?? 256;
    const created = createMemory(this.shared, this.#pages, options.maximum ?? MAX_PAGES);
    this.memory = created.memory;
    this.#maximum = created.maximum;
    this.memoryImport = { shared: this.shared, initial: 1, maximum: MAX_PAGES };
    this.#blocks.extend(GUARD, this.#end);
  }

  /** Bytes of all allocated blocks. */
  get bytesInUse(): number {
    return this.#blocks.bytesInUse;
  }

  /** Bytes of the memory. */
  get byteLength(): number {
    return this.#pages * PAGE;
  }

  get #end(): number {
    return this.#pages * PAGE - GUARD;
  }

  /** Address of a new block, aligned to 64 bytes; its contents are arbitrary. */
  allocate(bytes: number): number {
    if (!(bytes >= 0)) throw new RangeError(`cannot allocate ${bytes} bytes`);
    const size = Math.max(1, Math.ceil(bytes / BLOCK_ALIGNMENT)) * BLOCK_ALIGNMENT;
    const found = this.#blocks.allocate(size);
    if (found !== undefined) return found;
    this.#grow(size);
    return this.#blocks.allocate(size) as number;
  }

  free(address: number): void {
    if (!this.#blocks.free(address >>> 0)) {
      throw new Error(`free of address ${address >>> 0}, which is not allocated`);
    }
  }

  /** The free blocks in the order of their addresses. */
  freeBlocks(): readonly { readonly address: number; readonly size: number }[] {
    return this.#blocks.freeBlocks();
  }

  /** Views are made anew each time: growth detaches those of memory that is not shared. */
  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address >>> 0, length);
  }
  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address >>> 0, length);
  }
  u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address >>> 0, length);
  }

  /** Makes room for a block of `size` bytes; by half of the memory at once while the engine allows it. */
  #grow(size: number): void {
    const needed = Math.ceil((size - this.#blocks.freeBefore(this.#end)) / PAGE);
    const room = this.#maximum - this.#pages;
    if (!(needed <= room)) throw this.#exhausted(size);
    const generous = Math.min(room, Math.max(needed, this.#pages >>> 1));
    if (!this.#tryGrow(generous) && !(generous > needed && this.#tryGrow(needed))) {
      throw this.#exhausted(size);
    }
  }

  #tryGrow(pages: number): boolean {
    const before = this.#end;
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.#pages += pages;
    this.#blocks.extend(before, this.#end);
    return true;
  }

  #exhausted(size: number): Error {
    return new Error(
      `out of memory: ${mebibytes(size)} asked for while ${mebibytes(this.bytesInUse)} are in use ` +
        `(memory has ${mebibytes(this.byteLength)} and can have at most ${mebibytes(this.#maximum * PAGE)}). ` +
        "Dispose tensors that are no longer needed, or use a smaller batch or model.",
    );
  }
}
