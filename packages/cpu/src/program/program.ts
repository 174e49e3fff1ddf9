import { declareImports, type Signatures } from "../kernel/imports.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { ConstantTable, type ModuleContext, writeKernel } from "../kernel/write.ts";
import { alignTo64 } from "../plan/buffers.ts";
import { costOf, type Item, type Plan } from "../plan/item.ts";
import { Code, type FunctionRef } from "../wasm/code.ts";
import { type MemoryImport, ModuleBuilder } from "../wasm/module.ts";
import type { Frame } from "./arguments.ts";
import { scanScratch, writeScan } from "./scan.ts";
import { whileScratch, writeWhile } from "./while.ts";

/** Functions with which threads share the chunks of a task: see pool/sync.ts. */
export interface Sync {
  /** (chunks, task) → a chunk to compute, or −1 when the task is over. */
  readonly take: FunctionRef;
  /** (chunks, task): a chunk is done. */
  readonly finish: FunctionRef;
}

/** A plan as a WebAssembly module that exports `serial` and, where threads pay, `parallel`. */
export interface Program {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Contents of the constants that the code reads. */
  readonly constants: Uint32Array;
  readonly scratchBytes: number;
  /** Whether `parallel` is there. */
  readonly parallel: boolean;
}

/** What a program is written for. */
export interface ProgramOptions {
  readonly memory: MemoryImport;
  readonly library: Signatures;
  /** Adds the functions for threads; absent where there are none. */
  readonly sync?: ((module: ModuleBuilder) => Sync) | undefined;
}

// Waking and joining threads costs a few microseconds, taking a chunk a tenth of one.
const PARALLEL_PLAN_NS = 60_000;
const PARALLEL_KERNEL_NS = 8_000;
const PARALLEL_STEP_NS = 30_000;

/** Writes the code of a plan. */
export const writeProgram = (plan: Plan, options: ProgramOptions): Program => {
  const module = new ModuleBuilder();
  module.importMemory(options.memory);
  const imports = declareImports(module, options.library);
  const constants = new ConstantTable();
  const writer = new Writer(module, { module, constants, ...imports });
  module.exportFunction("serial", writer.serial(plan));
  const worthwhile = plan.cost > PARALLEL_PLAN_NS && plan.items.some(isParallel);
  const parallel = worthwhile && options.sync !== undefined;
  if (parallel) {
    const walk = new ParallelWriter(writer, options.sync(module));
    module.exportFunction("parallel", walk.entry(plan));
  }
  const bytes = module.build();
  return { bytes, constants: constants.words, scratchBytes: scratchOf(plan), parallel };
};

/** Bytes of scratch memory that a thread needs for a plan. */
const scratchOf = ({ items }: Plan): number => {
  const needs = items.map((item) => {
    if (item.kind === "kernel") return item.kernel.scratchBytes ?? 0;
    if (item.kind === "scan") return scanScratch(item.body, scratchOf(item.body));
    return whileScratch(item, Math.max(scratchOf(item.condition), scratchOf(item.body)));
  });
  return alignTo64(Math.max(0, ...needs));
};

/** Writes kernels and the functions that run all of a plan on one thread, each once. */
class Writer {
  readonly module: ModuleBuilder;
  readonly #context: Omit<ModuleContext, "placeOf">;
  readonly #kernels = new Map<Kernel, FunctionRef>();
  readonly #serial = new Map<Plan, FunctionRef>();

  constructor(module: ModuleBuilder, context: Omit<ModuleContext, "placeOf">) {
    this.module = module;
    this.#context = context;
  }

  kernel(plan: Plan, kernel: Kernel): FunctionRef {
    let fn = this.#kernels.get(kernel);
    if (fn === undefined) {
      fn = writeKernel(kernel, { ...this.#context, placeOf: plan.placeOf });
      this.#kernels.set(kernel, fn);
    }
    return fn;
  }

  serial(plan: Plan): FunctionRef {
    let fn = this.#serial.get(plan);
    if (fn === undefined) {
      const code = new Code(["i32", "i32"]);
      const frame: Frame = { code, plan, args: code.param(0), scratch: code.param(1) };
      for (const item of plan.items) this.item(frame, item);
      fn = this.module.add(code);
      this.#serial.set(plan, fn);
    }
    return fn;
  }

  /** Runs an item on the calling thread. */
  item(frame: Frame, item: Item): void {
    const { code, plan, args, scratch } = frame;
    if (item.kind === "kernel") {
      const { kernel } = item;
      const fn = this.kernel(plan, kernel);
      if (kernel.chunks === 1) {
        code.get(args).i32(0).get(scratch).call(fn);
        return;
      }
      const chunk = code.local("i32");
      code.i32(0).set(chunk);
      code.forUntil(chunk, kernel.chunks, 1, () => {
        code.get(args).get(chunk).get(scratch).call(fn);
      });
      code.release(chunk);
    } else if (item.kind === "scan") {
      const body = this.serial(item.body);
      writeScan(frame, item, (block, inner) => code.get(block).get(inner).call(body));
    } else writeWhile(frame, item, this.serial(item.condition), this.serial(item.body));
  }
}

const isParallel = (item: Item): boolean => {
  if (item.kind === "kernel") return item.kernel.chunks > 1 && costOf(item) > PARALLEL_KERNEL_NS;
  return item.kind === "scan" && item.length > 0 && item.body.cost > PARALLEL_STEP_NS;
};

/**
 * Writes the function in which each thread walks through all tasks of a plan and takes chunks. What
 * is too small to share is one chunk, together with its neighbours.
 */
class ParallelWriter {
  readonly #writer: Writer;
  readonly #sync: Sync;
  readonly #task: ReturnType<ModuleBuilder["global"]>;
  readonly #walks = new Map<Plan, FunctionRef>();

  constructor(writer: Writer, sync: Sync) {
    this.#writer = writer;
    this.#sync = sync;
    this.#task = writer.module.global("i32");
  }

  /** (arguments, scratch, number of the first task). */
  entry(plan: Plan): FunctionRef {
    const walk = this.#walk(plan);
    const code = new Code(["i32", "i32", "i32"]);
    code.get(code.param(2)).setGlobal(this.#task);
    code.get(code.param(0)).get(code.param(1)).call(walk);
    return this.#writer.module.add(code);
  }

  #walk(plan: Plan): FunctionRef {
    const known = this.#walks.get(plan);
    if (known !== undefined) return known;
    const code = new Code(["i32", "i32"]);
    const frame: Frame = { code, plan, args: code.param(0), scratch: code.param(1) };
    const { args, scratch } = frame;
    let serial: Item[] = [];
    const flush = (): void => {
      const items = serial;
      serial = [];
      if (items.length === 0) return;
      this.#share(code, 1, () => {
        for (const item of items) this.#writer.item(frame, item);
      });
    };
    for (const item of plan.items) {
      if (!isParallel(item) || item.kind === "while") {
        serial.push(item);
        continue;
      }
      flush();
      if (item.kind === "kernel") {
        const { kernel } = item;
        const fn = this.#writer.kernel(plan, kernel);
        this.#share(code, kernel.chunks, (chunk) => {
          code.get(args).get(chunk).get(scratch).call(fn);
        });
      } else {
        const body = this.#walk(item.body);
        writeScan(frame, item, (block, inner) => code.get(block).get(inner).call(body));
      }
    }
    flush();
    const fn = this.#writer.module.add(code);
    this.#walks.set(plan, fn);
    return fn;
  }

  #share(code: Code, chunks: number, run: (chunk: ReturnType<Code["local"]>) => void): void {
    const chunk = code.local("i32");
    code.block((done) => {
      code.loop((again) => {
        code.i32(chunks).getGlobal(this.#task).call(this.#sync.take).tee(chunk);
        code.i32(0).op("i32.lt_s").brIf(done);
        run(chunk);
        code.i32(chunks).getGlobal(this.#task).call(this.#sync.finish).br(again);
      });
    });
    code.getGlobal(this.#task).i32(1).op("i32.add").setGlobal(this.#task);
    code.release(chunk);
  }
}
