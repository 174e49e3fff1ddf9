import { at, expandLinearCalls, type Graph } from "@layerwise/autodiff/executor";
import type { ComputeEngine, Prepared } from "../backend/engine.ts";
import { bufferBytes } from "../kernel/kernel.ts";
import { CONSTANTS_SLOT } from "../kernel/write.ts";
import { Heap } from "../memory/heap.ts";
import { ConstantData } from "../plan/buffers.ts";
import { inlineAll } from "../plan/inline.ts";
import { ARENA_SLOT, DATA_SLOT, INPUT_SLOT, type Plan } from "../plan/item.ts";
import { planGraph } from "../plan/plan.ts";
import { Pool } from "../pool/pool.ts";
import type { PoolProgram } from "../pool/program.ts";
import { writeSync } from "../pool/sync.ts";
import { type Library, type ProductOptions, productLibrary } from "../product/library.ts";
import { argumentBytes } from "../program/arguments.ts";
import { type Program, writeProgram } from "../program/program.ts";
import { Region } from "./region.ts";

/** Settings of an {@link Engine}. */
export interface EngineOptions {
  /** How matrix products are computed. */
  readonly products?: ProductOptions;
  /** Threads, with the one that calls. Default: number of cores, at most 8. */
  readonly threads?: number;
  /** Whether memory is shared with threads. Default: wherever it can be. */
  readonly shared?: boolean;
}

/** Plans graphs, writes them as WebAssembly and runs them on the memory that it owns. */
export class Engine implements ComputeEngine {
  readonly heap: Heap;
  readonly library: Library;
  readonly pool: Pool;
  /** Intermediates of the graph that runs; graphs never run at the same time. */
  readonly #arena: Region;

  constructor({ products = {}, threads, shared }: EngineOptions = {}) {
    this.heap = new Heap(shared === undefined ? {} : { shared });
    this.#arena = new Region(this.heap);
    this.library = productLibrary(this.heap.memoryImport, products);
    const library = this.library.bytes;
    this.pool = new Pool(this.heap, { library, ...(threads !== undefined && { threads }) });
  }

  get memory(): WebAssembly.Memory {
    return this.heap.memory;
  }

  allocate(bytes: number): number {
    return this.heap.allocate(bytes);
  }

  free(address: number): void {
    this.heap.free(address);
  }

  /** Gives back the memory for intermediates; the next run asks for it anew. */
  reset(): void {
    this.#arena.clear();
  }

  prepare(graph: Graph, donate: readonly number[]): Prepared {
    const data = new ConstantData();
    const plan = planGraph(inlineAll(expandLinearCalls(graph)), data, donate);
    const { pool } = this;
    const { sync } = pool;
    const program = writeProgram(plan, {
      memory: this.heap.memoryImport,
      library: this.library.signatures,
      sync: sync && ((module) => writeSync(module, sync)),
    });
    const { parallel, scratchBytes } = program;
    const loaded = pool.load(program.bytes, { parallel, scratchBytes });
    try {
      return this.#prepared(plan, program, data.bytes, loaded);
    } catch (error) {
      pool.unload(loaded);
      throw error;
    }
  }

  #prepared(plan: Plan, program: Program, data: Uint8Array, loaded: PoolProgram): Prepared {
    const { heap } = this;
    const bytes = argumentBytes(plan);
    const { constants } = program;
    // Arguments, constants of the code and constants of the graph live and die together.
    const tableAt = bytes;
    const dataAt = tableAt + Math.ceil(constants.byteLength / 64) * 64;
    const block = heap.allocate(dataAt + data.length);
    heap.u8(block + tableAt, constants.byteLength).set(new Uint8Array(constants.buffer));
    heap.u8(block + dataAt, data.length).set(data);
    const firstOutput = INPUT_SLOT + plan.inputs.length;
    const words = firstOutput + plan.outputs.length;
    const sizes = plan.outputs.map(bufferBytes);
    return {
      run: (inputs, owned) => {
        // All memory is asked for first: an allocation may move what views see, and one that fails
        // must not cost the outputs.
        const arena = this.#arena.atLeast(plan.arenaBytes);
        this.pool.reserve(loaded);
        const outputs = this.#outputs(plan, sizes, inputs, owned);
        const args = heap.i32(block, words);
        args[CONSTANTS_SLOT] = block + tableAt;
        args[DATA_SLOT] = block + dataAt;
        args[ARENA_SLOT] = arena;
        for (let i = 0; i < inputs.length; i++) args[INPUT_SLOT + i] = at(inputs, i);
        for (let i = 0; i < outputs.length; i++) args[firstOutput + i] = at(outputs, i);
        this.pool.run(loaded, block);
        return outputs;
      },
      dispose: () => {
        this.pool.unload(loaded);
        heap.free(block);
      },
    };
  }

  #outputs(
    { reuse }: Plan,
    sizes: readonly number[],
    inputs: readonly number[],
    owned: readonly boolean[],
  ): number[] {
    const fresh: number[] = [];
    try {
      return sizes.map((bytes, i) => {
        const input = reuse[i];
        if (input !== undefined && owned[input] === true) return at(inputs, input);
        const address = this.heap.allocate(bytes);
        fresh.push(address);
        return address;
      });
    } catch (error) {
      for (const address of fresh) this.heap.free(address);
      throw error;
    }
  }
}
