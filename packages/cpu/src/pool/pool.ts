import { coreCount, mayBlock, sharedMemoryProblem } from "../host-runtime.ts";
import type { Heap } from "../memory/heap.ts";
import { Mailbox } from "./mailbox.ts";
import { createProgram, type PoolProgram, type ProgramOptions } from "./program.ts";
import type { SyncAddresses } from "./sync.ts";
import { Workers } from "./workers.ts";

const MAX_DEFAULT_THREADS = 8;
const MIN_SCRATCH = 4096;

/** How a pool is made. */
export interface PoolOptions {
  /** Threads, with the one that calls. Default: number of cores, at most 8. */
  readonly threads?: number;
  /** Code of the library that programs import as `library`. */
  readonly library?: Uint8Array<ArrayBuffer>;
  /**
   * A worker without work looks for the next job this long before it sleeps, default 2000: longer than
   * what a training loop does between two steps, as Linux likes to wake a sleeper on the core of the waker.
   */
  readonly spinMicroseconds?: number;
}

/** Runs programs on this thread and on workers that wait for jobs in shared memory. */
export class Pool {
  /** What programs synchronise with; undefined when memory is not shared, so that there is one thread. */
  readonly sync: SyncAddresses | undefined;
  readonly #heap: Heap;
  readonly #imports: WebAssembly.Imports;
  readonly #mailbox: Mailbox | undefined;
  readonly #workers: Workers | undefined;
  readonly #mayBlock = mayBlock();
  readonly #scratchThreads: number;
  #reason: string | undefined;
  #programs = 0;
  #scratch = { address: 0, stride: 0 };
  readonly #oldScratch: number[] = [];
  #scratchBytes = 0;
  #disposed = false;

  constructor(heap: Heap, options: PoolOptions = {}) {
    this.#heap = heap;
    const env = { memory: heap.memory };
    const math = Math as unknown as WebAssembly.ModuleImports;
    const { library } = options;
    const exports = library
      ? new WebAssembly.Instance(new WebAssembly.Module(library), { env, math }).exports
      : {};
    this.#imports = { env, math, library: exports };
    const threads = Math.max(
      1,
      Math.floor(options.threads ?? Math.min(coreCount(), MAX_DEFAULT_THREADS)),
    );
    this.#reason = heap.shared
      ? threads === 1
        ? "one thread was asked for"
        : undefined
      : (sharedMemoryProblem() ?? "the heap is not shared");
    this.#scratchThreads = this.#reason === undefined ? threads : 1;
    if (!heap.shared) return;
    const mailbox = new Mailbox(heap, threads);
    this.#mailbox = mailbox;
    this.sync = mailbox.sync;
    if (threads === 1) return;
    this.#workers = new Workers(mailbox, threads, {
      memory: heap.memory,
      ticket: mailbox.sync.ticket,
      mailbox: mailbox.address,
      library,
      spinMicroseconds: options.spinMicroseconds ?? 2000,
    });
  }

  /** Threads that take part in a run now: this one and the workers that are ready. */
  get threads(): number {
    return 1 + (this.#workers?.ready ?? 0);
  }

  /** Bytes of the heap that serve threads as memory of their own. */
  get scratchBytes(): number {
    return this.#scratchBytes;
  }

  /** Why there is only one thread, or why a worker was lost; undefined while all is well. */
  get reason(): string | undefined {
    return this.#reason ?? this.#workers?.reason;
  }

  /** Settles when every worker is ready or has failed to start. */
  async ready(): Promise<void> {
    if (this.#workers === undefined) return;
    // Workers do not keep the process alive; waiting for them must.
    const timer = setInterval(() => {}, 1000);
    await this.#workers.started;
    clearInterval(timer);
  }

  /** Prepares a program: see {@link ProgramOptions}; it imports `env.memory`, `math` and `library`. */
  load(bytes: Uint8Array<ArrayBuffer>, options: ProgramOptions = {}): PoolProgram {
    this.#check();
    this.#programs++;
    const id = this.#programs;
    return createProgram(this.#heap, id, bytes, this.#imports, this.#mayBlock, options);
  }

  /** Frees what a program holds in the heap. */
  unload({ code }: PoolProgram): void {
    if (code === undefined || this.#disposed) return;
    // A worker that still copies the code sees another counter afterwards and drops it.
    this.#mailbox?.clear();
    this.#heap.free(code.address);
  }

  /** Makes sure that threads have the memory a program needs, so that running it allocates nothing. */
  reserve({ scratchBytes }: PoolProgram): void {
    if (scratchBytes > this.#scratch.stride || this.#scratch.address === 0) {
      this.#growScratch(scratchBytes);
    }
  }

  /** Runs all tasks of a program; returns when they are done. */
  run(program: PoolProgram, args: number): void {
    this.#check();
    this.reserve(program);
    const { exports, code } = program;
    const { address, stride } = this.#scratch;
    const mailbox = this.#mailbox;
    if (code === undefined || mailbox === undefined || this.threads === 1) {
      exports.serial(args, address);
      return;
    }
    const sequence = mailbox.sequence;
    mailbox.post(program.id, code.address, code.length, args, sequence, address, stride);
    try {
      exports.parallel?.(args, address, sequence);
    } catch (error) {
      mailbox.giveUp(sequence);
      this.#fail(`a program failed: ${error}`);
      throw error;
    }
    if (!mailbox.failed) return;
    this.#fail("a thread failed inside a program");
    throw new Error("a thread failed while it ran a program; from now on there is one thread");
  }

  /** Ends the workers. Programs can no longer run. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#workers?.end();
    if (this.#scratch.address !== 0) this.#heap.free(this.#scratch.address);
    for (const address of this.#oldScratch.splice(0)) this.#heap.free(address);
    // The mailbox stays allocated: workers look at it until they have ended.
  }

  /**
   * The old memory is not given back: a thread that comes late still writes the arguments of loops
   * there. As the size doubles at least, all of it together is no more than the last.
   */
  #growScratch(bytes: number): void {
    const stride = Math.max(MIN_SCRATCH, 2 * this.#scratch.stride, 64 * Math.ceil(bytes / 64));
    const address = this.#heap.allocate(stride * this.#scratchThreads);
    if (this.#scratch.address !== 0) this.#oldScratch.push(this.#scratch.address);
    this.#scratchBytes += stride * this.#scratchThreads;
    this.#scratch = { address, stride };
  }

  /** The state of `done` is unknown now, and a worker may be in the middle of a chunk. */
  #fail(reason: string): void {
    this.#reason = reason;
    this.#workers?.end();
  }

  #check(): void {
    if (this.#disposed) throw new Error("the pool was disposed");
  }
}
