import type { Heap } from "../memory/heap.ts";
import type { SyncAddresses } from "./sync.ts";

/**
 * Words (i32) of the mailbox through which the pool gives jobs to its workers. The counter is odd
 * while a job is written; a worker that read the same even counter before and after has a whole job.
 */
export const MAIL = {
  counter: 0,
  /** Workers asleep on the counter. */
  sleeping: 16,
  /** Set when a worker failed inside a program. */
  failed: 32,
  program: 48,
  bytes: 49,
  length: 50,
  args: 51,
  sequence: 52,
  scratch: 53,
  stride: 54,
  /** Pages of memory. */
  pages: 55,
  /** 1 tells the workers to end. */
  quit: 56,
} as const;

/** State of a worker, in the words behind the mailbox: it starts, takes jobs, or is gone. */
export const STATE = { starting: 0, ready: 1, gone: 2 } as const;

/** Words of the mailbox; the states follow. */
export const MAIL_WORDS = 64;

const LINE = 128;

/** Bytes of the words that threads share, for a number of threads. */
const sharedBytes = (threads: number): number => 4 * (MAIL_WORDS + threads) + 4 * LINE;

/** Where the words of {@link SyncAddresses} are in that block, on cache lines of their own. */
const syncAddresses = (block: number): SyncAddresses => ({
  ticket: block,
  done: block + LINE,
  waiting: block + 2 * LINE,
});

/** Where the mailbox is in that block. */
const mailboxAddress = (block: number): number => block + 3 * LINE;

/** The pool's side of the mailbox. */
export class Mailbox {
  readonly sync: SyncAddresses;
  readonly address: number;
  readonly #heap: Heap;
  readonly #words: Int32Array;
  /** The ticket: its high word is the number of the current task. */
  readonly #ticket: BigInt64Array;
  readonly #ticketWords: Int32Array;

  constructor(heap: Heap, threads: number) {
    const bytes = sharedBytes(threads);
    const block = heap.allocate(bytes);
    heap.u8(block, bytes).fill(0);
    this.#heap = heap;
    this.sync = syncAddresses(block);
    this.address = mailboxAddress(block);
    this.#words = heap.i32(this.address, MAIL_WORDS + threads);
    this.#ticketWords = heap.i32(this.sync.ticket, 2);
    this.#ticket = new BigInt64Array(heap.memory.buffer, this.sync.ticket, 1);
  }

  /** Number of the task that comes next. */
  get sequence(): number {
    return Atomics.load(this.#ticketWords, 1);
  }

  /** Whether a worker failed inside a program. */
  get failed(): boolean {
    return Atomics.load(this.#words, MAIL.failed) !== 0;
  }

  readyWorkers(threads: number): number {
    let count = 0;
    for (let thread = 1; thread < threads; thread++) {
      if (Atomics.load(this.#words, MAIL_WORDS + thread) === STATE.ready) count++;
    }
    return count;
  }

  markGone(thread: number): void {
    Atomics.store(this.#words, MAIL_WORDS + thread, STATE.gone);
  }

  /** Gives a job to all workers. */
  post(
    program: number,
    bytes: number,
    length: number,
    args: number,
    sequence: number,
    scratch: number,
    stride: number,
  ): void {
    const words = this.#words;
    Atomics.add(words, MAIL.counter, 1);
    Atomics.store(words, MAIL.program, program);
    Atomics.store(words, MAIL.bytes, bytes);
    Atomics.store(words, MAIL.length, length);
    Atomics.store(words, MAIL.args, args);
    Atomics.store(words, MAIL.sequence, sequence);
    Atomics.store(words, MAIL.scratch, scratch);
    Atomics.store(words, MAIL.stride, stride);
    Atomics.store(words, MAIL.pages, this.#heap.byteLength / 65536);
    this.#publish();
  }

  /** A job that is none: what was posted before is no longer valid. */
  clear(): void {
    Atomics.add(this.#words, MAIL.counter, 1);
    Atomics.store(this.#words, MAIL.program, 0);
    // Nobody is woken for this: a worker that sleeps copies nothing.
    Atomics.add(this.#words, MAIL.counter, 1);
  }

  quit(): void {
    Atomics.add(this.#words, MAIL.counter, 1);
    Atomics.store(this.#words, MAIL.quit, 1);
    this.#publish();
  }

  /** Lets all threads out of a program in which a chunk failed. */
  giveUp(sequence: number): void {
    Atomics.store(this.#ticket, 0, BigInt((sequence ^ 0x40000000) | 0) << 32n);
  }

  #publish(): void {
    Atomics.add(this.#words, MAIL.counter, 1);
    // A worker counts itself first and sleeps only if the counter is still the old one.
    if (Atomics.load(this.#words, MAIL.sleeping) > 0) Atomics.notify(this.#words, MAIL.counter);
  }
}
