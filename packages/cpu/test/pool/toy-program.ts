// A program of tasks that depend on all chunks of the task before, and count how often each chunk ran.
import type { Heap } from "../../src/memory/heap.ts";
import { type SpinOptions, type SyncAddresses, writeSync } from "../../src/pool/sync.ts";
import { Code } from "../../src/wasm/code.ts";
import { ModuleBuilder } from "../../src/wasm/module.ts";

export interface Toy {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Words of the arguments: word 0 is the seed, then the values and the counts of all chunks. The owners follow. */
  readonly words: number;
  /** Bytes of the arguments. */
  readonly bytesOfArgs: number;
  /** The words but those of the owners, after a run with this seed and `count` runs in all. */
  expected(seed: number, count: number): Int32Array;
}

export interface ToyOptions {
  readonly factor?: number;
  /** Task whose chunk 0 traps. */
  readonly trapAt?: number;
  /** Uses the thread's own memory. */
  readonly scratch?: boolean;
  /** Turns of an empty loop in each chunk. */
  readonly work?: number;
  readonly spin?: SpinOptions;
}

/** value[task][chunk] = factor · Σ value[task − 1] + chunk + seed; the first task has the sum 0. */
export const toyProgram = (
  heap: Heap,
  sync: SyncAddresses | undefined,
  chunks: readonly number[],
  { factor = 3, trapAt = -1, scratch = false, work = 0, spin = {} }: ToyOptions = {},
): Toy => {
  const module = new ModuleBuilder();
  module.importMemory(heap.memoryImport);
  const shares = sync && writeSync(module, sync, spin);
  const total = chunks.reduce((a, b) => a + b, 0);
  const starts = chunks.map((_, i) => 1 + chunks.slice(0, i).reduce((a, b) => a + b, 0));
  const kernels = chunks.map((_, task) => {
    const code = new Code(["i32", "i32", "i32"]);
    const [args, chunk, own] = [code.param(0), code.param(1), code.param(2)];
    const [sum, i] = [code.local("i32"), code.local("i32")];
    if (task === trapAt)
      code
        .get(chunk)
        .op("i32.eqz")
        .if(() => code.op("unreachable"));
    if (work > 0) {
      code.forUntil(i, work, 1, () => {});
      code.i32(0).set(i);
    }
    if (task > 0) {
      code.forUntil(i, chunks[task - 1] as number, 1, () => {
        code.get(args).get(i).i32(2).op("i32.shl").op("i32.add");
        code.memory("i32.load", 4 * (starts[task - 1] as number));
        code.get(sum).op("i32.add").set(sum);
        // Through the thread's own memory, which no other thread may have.
        if (scratch) {
          code.get(own).get(sum).memory("i32.store", 4096);
          code.get(own).memory("i32.load", 4096).set(sum);
        }
      });
    }
    const address = (): Code => code.get(args).get(chunk).i32(2).op("i32.shl").op("i32.add");
    address();
    code.get(sum).i32(factor).op("i32.mul").get(chunk).op("i32.add");
    code.get(args).memory("i32.load").op("i32.add");
    code.memory("i32.store", 4 * (starts[task] as number));
    address()
      .i32(1)
      .memory("i32.atomic.rmw.add", 4 * ((starts[task] as number) + total))
      .op("drop");
    // The thread, as the address of its own memory, in the third row.
    address()
      .get(own)
      .memory("i32.store", 4 * ((starts[task] as number) + 2 * total));
    return module.add(code);
  });
  const serial = new Code(["i32", "i32"]);
  const index = serial.local("i32");
  kernels.forEach((kernel, task) => {
    serial.i32(0).set(index);
    serial.forUntil(index, chunks[task] as number, 1, () => {
      serial.get(serial.param(0)).get(index).get(serial.param(1)).call(kernel);
    });
  });
  module.add(serial, "serial");
  if (shares) {
    const code = new Code(["i32", "i32", "i32"]);
    const chunk = code.local("i32");
    kernels.forEach((kernel, task) => {
      const sequence = (): Code => code.get(code.param(2)).i32(task).op("i32.add");
      code.block((over) => {
        code.loop((again) => {
          code.i32(chunks[task] as number);
          sequence().call(shares.take).tee(chunk).i32(0).op("i32.lt_s").brIf(over);
          code.get(code.param(0)).get(chunk).get(code.param(1)).call(kernel);
          code.i32(chunks[task] as number);
          sequence().call(shares.finish).br(again);
        });
      });
    });
    module.add(code, "parallel");
  }
  const expected = (seed: number, count: number): Int32Array => {
    const words = new Int32Array(1 + 2 * total);
    words[0] = seed;
    chunks.forEach((n, task) => {
      let sum = 0;
      if (task > 0) {
        const start = starts[task - 1] as number;
        for (let i = 0; i < (chunks[task - 1] as number); i++) {
          sum = (sum + (words[start + i] as number)) | 0;
        }
      }
      for (let i = 0; i < n; i++) {
        words[(starts[task] as number) + i] = Math.imul(sum, factor) + i + seed;
        words[(starts[task] as number) + total + i] = count;
      }
    });
    return words;
  };
  return {
    bytes: module.build(),
    words: 1 + 2 * total,
    bytesOfArgs: 4 * (1 + 3 * total),
    expected,
  };
};
