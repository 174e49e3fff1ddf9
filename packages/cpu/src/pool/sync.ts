import { Code, type FunctionRef } from "../wasm/code.ts";
import type { ModuleBuilder } from "../wasm/module.ts";

/** Words in memory with which threads agree on who computes what. Each should have cache lines of its own. */
export interface SyncAddresses {
  /** i64: number of the current task in the high half, its next chunk in the low half. */
  readonly ticket: number;
  /** i32: chunks of the current task that are done. */
  readonly done: number;
  /** i32: threads asleep until the next task. */
  readonly waiting: number;
}

/** How a thread waits for the chunks that others still compute. */
export interface SpinOptions {
  /**
   * Looks at the ticket before it sleeps, default 500000 (some 0.5 ms, longer than a chunk takes).
   * Threads that sleep and wake in turn look like one thread to Linux, which then leaves both on one
   * core for many milliseconds.
   */
  readonly spins?: number;
  /** Sleeps at most this long at once, default 50000. */
  readonly sleepNanoseconds?: number;
}

/** Exported global of a program: whether its thread may sleep (1) or must spin (0, as it begins). */
export const MAY_BLOCK = "mayBlock";

/** The functions that share out chunks. */
export interface Sync {
  /** (total, sequence) → next chunk of the task with this sequence number, or -1 when it is over. */
  readonly take: FunctionRef;
  /** (total, sequence) → (): a chunk is done; the last one of a task starts the next task. */
  readonly finish: FunctionRef;
}

/**
 * Adds the functions that share out chunks. A task is over when all its chunks are done, not when
 * the last is taken, so each task sees what the tasks before it wrote. Whoever comes late carries a
 * sequence number that no longer matches and computes nothing. A task has at least one chunk.
 */
export const writeSync = (
  module: ModuleBuilder,
  addresses: SyncAddresses,
  options: SpinOptions = {},
): Sync => {
  const { ticket, done, waiting } = addresses;
  const { spins: limit = 500_000, sleepNanoseconds = 50_000 } = options;
  const mayBlock = module.global("i32", 0);
  module.exportGlobal(MAY_BLOCK, mayBlock);
  const high = ticket + 4;

  const take = new Code(["i32", "i32"], ["i32"]);
  {
    const [total, sequence] = [take.param(0), take.param(1)];
    const [seen, spins] = [take.local("i64"), take.local("i32")];
    take.loop((again) => {
      take.i32(ticket).memory("i64.atomic.load").set(seen);
      take.get(seen).i64(32n).op("i64.shr_u").op("i32.wrap_i64");
      take.get(sequence).op("i32.ne");
      take.if(() => take.i32(-1).op("return"));
      take.get(seen).op("i32.wrap_i64").get(total).op("i32.ge_u");
      take.if(() => {
        take.get(spins).i32(1).op("i32.add").tee(spins);
        take.i32(limit).op("i32.gt_u").getGlobal(mayBlock).op("i32.and");
        take.if(() => {
          take.i32(waiting).i32(1).memory("i32.atomic.rmw.add").op("drop");
          take.i32(high).get(sequence).i64(BigInt(sleepNanoseconds));
          take.memory("memory.atomic.wait32").op("drop");
          take.i32(waiting).i32(-1).memory("i32.atomic.rmw.add").op("drop");
        });
        take.br(again);
      });
      take.i32(ticket).get(seen);
      take.get(seen).i64(1n).op("i64.add");
      take.memory("i64.atomic.rmw.cmpxchg").get(seen).op("i64.ne").brIf(again);
    });
    take.get(seen).op("i32.wrap_i64");
  }

  const finish = new Code(["i32", "i32"]);
  {
    const [total, sequence] = [finish.param(0), finish.param(1)];
    finish.i32(done).i32(1).memory("i32.atomic.rmw.add");
    finish.i32(1).op("i32.add").get(total).op("i32.eq");
    finish.if(() => {
      finish.i32(done).i32(0).memory("i32.atomic.store");
      finish.i32(ticket).get(sequence).i32(1).op("i32.add").op("i64.extend_i32_u");
      finish.i64(32n).op("i64.shl").memory("i64.atomic.store");
      // A sleeper counts itself first and sleeps only if the ticket is still the old one.
      finish.i32(waiting).memory("i32.atomic.load");
      finish.if(() => finish.i32(high).i32(-1).memory("memory.atomic.notify").op("drop"));
    });
  }
  return { take: module.add(take), finish: module.add(finish) };
};
