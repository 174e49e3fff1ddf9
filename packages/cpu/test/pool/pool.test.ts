// Oracle: the same recurrence in JavaScript (toy-program.ts); all results are integers, compared exactly.
import { afterEach, describe, expect, it } from "vitest";
import { sharedMemoryProblem } from "../../src/host-runtime.ts";
import { Heap } from "../../src/memory/heap.ts";
import { Pool, type PoolOptions } from "../../src/pool/pool.ts";
import { toyProgram } from "./toy-program.ts";

const pools: Pool[] = [];
const started = async (options: PoolOptions): Promise<{ heap: Heap; pool: Pool }> => {
  const heap = new Heap();
  const pool = new Pool(heap, options);
  pools.push(pool);
  await pool.ready();
  return { heap, pool };
};
afterEach(() => {
  for (const pool of pools.splice(0)) pool.dispose();
});

const CHUNKS = [40, 1, 7, 300, 2, 64];

describe("Pool", () => {
  it("has shared memory in all three runtimes", () => {
    expect(sharedMemoryProblem()).toBeUndefined();
  });

  for (const threads of [1, 2, 4]) {
    it(`runs every chunk once and tasks in order, ${threads} threads, 10,000 runs`, async () => {
      const { heap, pool } = await started({ threads, spinMicroseconds: 20 });
      expect(pool.threads).toBe(threads);
      expect(pool.reason).toBe(threads === 1 ? "one thread was asked for" : undefined);
      const toy = toyProgram(heap, pool.sync, CHUNKS, { scratch: true });
      const program = pool.load(toy.bytes, { scratchBytes: 5000 });
      const args = heap.allocate(toy.bytesOfArgs);
      const words = heap.i32(args, toy.words).fill(0);
      for (let run = 1; run <= 10_000; run++) {
        words[0] = run;
        pool.run(program, args);
        if (run % 500 === 0 || run < 20) expect(words).toEqual(toy.expected(run, run));
      }
      expect(pool.reason).toBe(threads === 1 ? "one thread was asked for" : undefined);
    });
  }

  it("runs, unloads and reloads programs while workers may be late", async () => {
    const { heap, pool } = await started({ threads: 3 });
    const before = heap.bytesInUse;
    for (let factor = 0; factor < 300; factor++) {
      const toy = toyProgram(heap, pool.sync, [9, 50, 3], { factor });
      const program = pool.load(toy.bytes, { scratchBytes: 0 });
      const args = heap.allocate(toy.bytesOfArgs);
      const words = heap.i32(args, toy.words).fill(0);
      for (let run = 1; run <= 3; run++) {
        words[0] = 7 * factor + run;
        pool.run(program, args);
        expect(words).toEqual(toy.expected(7 * factor + run, run));
      }
      pool.unload(program);
      // What a late worker would copy if it missed that the program is gone.
      heap.u8(program.code?.address as number, toy.bytes.length).fill(0xff);
      heap.free(args);
    }
    expect(pool.threads).toBe(3);
    // All that stays is the scratch memory of the threads.
    expect(heap.bytesInUse - before).toBe(3 * 4096);
  });

  it("runs in memory that grew after the workers started", async () => {
    const { heap, pool } = await started({ threads: 2 });
    const big = heap.allocate(200 * 2 ** 20);
    const toy = toyProgram(heap, pool.sync, CHUNKS);
    const program = pool.load(toy.bytes);
    expect(program.code?.address).toBeGreaterThan(big);
    const args = heap.allocate(toy.bytesOfArgs);
    const words = heap.i32(args, toy.words).fill(0);
    for (let run = 1; run <= 500; run++) {
      words[0] = run;
      pool.run(program, args);
      expect(words).toEqual(toy.expected(run, run));
    }
    expect(pool.reason).toBeUndefined();
  });

  it("shares the chunks of a task out to all threads", async () => {
    const { heap, pool } = await started({ threads: 2 });
    const toy = toyProgram(heap, pool.sync, [200], { work: 50_000 });
    const program = pool.load(toy.bytes);
    const args = heap.allocate(toy.bytesOfArgs);
    heap.u8(args, toy.bytesOfArgs).fill(0);
    const owners = new Set<number>();
    let runs = 0;
    for (; runs < 200 && owners.size < 2; runs++) {
      pool.run(program, args);
      for (const owner of heap.i32(args + 4 * toy.words, 200)) owners.add(owner);
    }
    expect(owners.size).toBe(2);
    expect(heap.i32(args, toy.words)).toEqual(toy.expected(0, runs));
  });

  it("wakes threads that sleep between tasks", async () => {
    const { heap, pool } = await started({ threads: 3 });
    // A lost wake-up would cost 2 s each time.
    const spin = { spins: 0, sleepNanoseconds: 2e9 };
    const toy = toyProgram(heap, pool.sync, [20, 3, 5, 1, 8], { spin, work: 2000 });
    const program = pool.load(toy.bytes);
    const args = heap.allocate(toy.bytesOfArgs);
    const words = heap.i32(args, toy.words).fill(0);
    const start = performance.now();
    for (let run = 1; run <= 2000; run++) pool.run(program, args);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(words).toEqual(toy.expected(0, 2000));
  });

  it("wakes workers that sleep", async () => {
    const { heap, pool } = await started({ threads: 2, spinMicroseconds: 0 });
    const toy = toyProgram(heap, pool.sync, CHUNKS);
    const program = pool.load(toy.bytes);
    const args = heap.allocate(toy.bytesOfArgs);
    const words = heap.i32(args, toy.words).fill(0);
    for (let run = 1; run <= 20; run++) {
      await new Promise((resolve) => setTimeout(resolve, 3));
      words[0] = run;
      pool.run(program, args);
      expect(words).toEqual(toy.expected(run, run));
    }
  });

  it("runs on one thread before its workers are ready and without shared memory", () => {
    for (const shared of [true, false]) {
      const heap = new Heap({ shared });
      const pool = new Pool(heap, { threads: 2 });
      pools.push(pool);
      const toy = toyProgram(heap, pool.sync, CHUNKS);
      const program = pool.load(toy.bytes);
      const args = heap.allocate(toy.bytesOfArgs);
      heap.i32(args, toy.words).fill(0);
      pool.run(program, args);
      expect(heap.i32(args, toy.words)).toEqual(toy.expected(0, 1));
      expect(pool.reason).toBe(shared ? undefined : "the heap is not shared");
    }
  });

  it("does not hang when a chunk traps, and goes on with one thread", async () => {
    const { heap, pool } = await started({ threads: 3 });
    const good = toyProgram(heap, pool.sync, CHUNKS);
    const bad = toyProgram(heap, pool.sync, CHUNKS, { trapAt: 3 });
    const program = pool.load(good.bytes);
    const args = heap.allocate(good.bytesOfArgs);
    heap.i32(args, good.words).fill(0);
    pool.run(program, args);
    const failing = pool.load(bad.bytes);
    expect(() => pool.run(failing, args)).toThrow();
    expect(pool.threads).toBe(1);
    expect(pool.reason).toMatch(/failed/);
    heap.i32(args, good.words).fill(0);
    pool.run(program, args);
    expect(heap.i32(args, good.words)).toEqual(good.expected(0, 1));
  });

  it("imports a library in every thread", async () => {
    // A module without anything: what matters is that workers instantiate it.
    const library = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const { pool } = await started({ threads: 2, library });
    expect(pool.threads).toBe(2);
  });

  it("does without a worker that cannot run a program", async () => {
    const { heap, pool } = await started({ threads: 2 });
    const toy = toyProgram(heap, pool.sync, CHUNKS);
    // This thread gets the module, workers get bytes that are none.
    const module = new WebAssembly.Module(toy.bytes);
    const program = pool.load(new Uint8Array(8), { module });
    const args = heap.allocate(toy.bytesOfArgs);
    const words = heap.i32(args, toy.words).fill(0);
    let runs = 0;
    while (pool.threads > 1 && runs < 1e6) {
      pool.run(program, args);
      runs++;
    }
    pool.run(program, args);
    expect(words).toEqual(toy.expected(0, runs + 1));
    expect(pool.threads).toBe(1);
    await expect.poll(() => pool.reason).toMatch(/WebAssembly.Module/);
  });

  it("refuses programs after its end", async () => {
    const { pool } = await started({ threads: 2 });
    pool.dispose();
    expect(pool.threads).toBe(1);
    expect(() => pool.load(new Uint8Array(8))).toThrow("disposed");
  });
});
