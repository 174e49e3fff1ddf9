import { optimize } from "@layerwise/autodiff/executor";
import { assemble } from "./assemble.ts";
import type { Call } from "./call.ts";
import type { Device } from "./device.ts";
import type { Prepared } from "./engine.ts";
import type { Entry } from "./entry.ts";
import { Key } from "./graph-cache.ts";
import { periodOf } from "./period.ts";
import { type Selection, select } from "./selection.ts";
import type { Storage } from "./storage.ts";

/** When calls are computed: each at once, or all together when a value is read or the program waits. */
export type Mode = "lazy" | "eager";

const MOST_CALLS = 2048;
// Elements of disposed tensors that recorded calls still need.
const MOST_HELD_BYTES = 256 * 1024 * 1024;

/** Collects calls of kernels and computes them together. */
export class Recorder {
  readonly #device: Device;
  readonly #storage: Storage;
  readonly #mode: Mode;
  readonly #key = new Key();
  #calls: Call[] = [];
  #serial = 0;
  #scheduled = false;
  #heldBytes = 0;

  constructor(device: Device, storage: Storage, mode: Mode) {
    this.#device = device;
    this.#storage = storage;
    this.#mode = mode;
  }

  /** Calls that wait to be computed. */
  get size(): number {
    return this.#calls.length;
  }

  /** Appends a call. */
  add(call: Call): void {
    for (const operand of call.operands) operand.uses++;
    this.#calls.push(call);
    if (this.#mode === "eager") this.#atOnce(call);
    else if (this.#calls.length >= MOST_CALLS) this.#flushPeriods();
    else if (this.#heldBytes > MOST_HELD_BYTES) this.flush();
    else if (!this.#scheduled) this.#schedule();
  }

  /** Says that tfjs has disposed an entry, whose elements recorded calls may still need. */
  disposed(entry: Entry): void {
    if (entry.uses === 0) this.#storage.release(entry);
    else if (!entry.pending) {
      entry.held = true;
      this.#heldBytes += entry.type?.bytes ?? 0;
    }
  }

  /** Computes all that live tensors need of what was recorded. */
  flush(): void {
    this.#flushFirst(this.#calls.length);
  }

  /** Forgets what was recorded. */
  clear(): void {
    this.#forget(this.#calls.length);
  }

  #atOnce(call: Call): void {
    try {
      this.flush();
    } catch (error) {
      // The kernel fails, so that there is no tensor of its result.
      for (const out of call.outputs) out.live = false;
      this.clear();
      throw error;
    }
  }

  #schedule(): void {
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      try {
        this.flush();
      } catch {
        // What was recorded stays; whoever reads a result gets the error.
      }
    });
  }

  #flushPeriods(): void {
    const same = (x: Call, y: Call): boolean => x.template === y.template;
    const period = periodOf(this.#calls, same) ?? this.#calls.length;
    while (this.#calls.length >= period) this.#flushFirst(period);
  }

  #flushFirst(count: number): void {
    if (count === 0) return;
    const selection = select(this.#calls, count, this.#serial++, this.#key);
    if (selection.outputs.length > 0) this.#compute(selection);
    this.#forget(count);
  }

  #compute(selection: Selection): void {
    const { inputs, owned, outputs } = selection;
    const storage = this.#storage;
    const prepared = this.#device.graphs.get(this.#key, () => this.#prepare(selection));
    const addresses = storage.withAddresses(inputs, (given) => prepared.run(given, owned));
    if (owned.includes(true)) {
      const taken = new Set(addresses);
      inputs.forEach((entry, i) => {
        if (owned[i] && taken.has(entry.address)) storage.takeOver(entry);
      });
    }
    for (let i = 0; i < outputs.length; i++) storage.place(outputs[i]!, addresses[i]!);
  }

  #prepare(selection: Selection): Prepared {
    const donate = [...selection.owned.keys()].filter((i) => selection.owned[i]);
    return this.#device.engine.prepare(optimize(assemble(selection)), donate);
  }

  #forget(count: number): void {
    const gone = count === this.#calls.length ? this.#calls : this.#calls.slice(0, count);
    this.#calls = this.#calls.slice(gone.length);
    for (const { operands } of gone) {
      for (const operand of operands) {
        operand.uses--;
        if (operand.uses > 0 || operand.live) continue;
        if (operand.held) this.#heldBytes -= operand.type?.bytes ?? 0;
        this.#storage.release(operand);
      }
    }
  }
}
