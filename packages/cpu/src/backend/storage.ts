import type { backend_util, DataType } from "@tensorflow/tfjs-core";
import type { ComputeEngine } from "./engine.ts";
import { Entry, type EntryReader, NOWHERE } from "./entry.ts";
import { elementsOf, isNumeric, type ValueTypes, viewAt } from "./value-type.ts";

/** Values up to this size stay in JavaScript: one staging region takes all of them to a run. */
export const SMALL_BYTES = 64;

const ALIGNMENT = 16;
// An empty value has an address too.
const aligned = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT;

/** Moves the elements of entries into the heap of an engine and out of it. */
export class Storage implements EntryReader {
  readonly engine: ComputeEngine;
  readonly #types: ValueTypes;
  readonly #force: () => void;
  // Entries with a region, for the day when tfjs drops the backend with tensors still in it.
  readonly #resident = new Set<Entry>();
  /** Bytes of the regions that entries have. */
  heapBytes = 0;

  constructor(engine: ComputeEngine, types: ValueTypes, force: () => void) {
    this.engine = engine;
    this.#types = types;
    this.#force = force;
  }

  /** An entry with a copy of the values: whoever gave them may overwrite them before they are used. */
  store(
    values: backend_util.BackendValues | undefined,
    shape: readonly number[],
    dtype: DataType,
    refCount: number,
  ): Entry {
    if (values == null || !isNumeric(dtype)) {
      return new Entry(this, dtype, undefined, refCount, values);
    }
    const type = this.#types.of(dtype, shape);
    const elements = elementsOf(values as ArrayLike<number>, dtype);
    if (elements.length < type.size) return new Entry(this, dtype, undefined, refCount, elements);
    const own = elements.length === type.size ? elements : elements.subarray(0, type.size);
    if (type.bytes <= SMALL_BYTES) return new Entry(this, dtype, type, refCount, own.slice());
    const entry = new Entry(this, dtype, type, refCount);
    this.place(entry, this.engine.allocate(type.bytes));
    viewAt(this.engine.memory.buffer, entry.address, dtype, type.size).set(own);
    return entry;
  }

  /** Gives an entry the region that holds its elements. */
  place(entry: Entry, address: number): void {
    entry.address = address;
    entry.pending = false;
    this.#resident.add(entry);
    this.heapBytes += entry.type?.bytes ?? 0;
  }

  /** Takes the region from an entry without freeing it. */
  takeOver(entry: Entry): void {
    this.#resident.delete(entry);
    this.heapBytes -= entry.type?.bytes ?? 0;
    entry.address = NOWHERE;
  }

  /** Frees the region of an entry that nobody needs. */
  release(entry: Entry): void {
    const { address } = entry;
    if (address === NOWHERE) return;
    this.takeOver(entry);
    this.engine.free(address);
  }

  /** Frees the regions of all entries. */
  releaseAll(): void {
    for (const entry of [...this.#resident]) this.release(entry);
  }

  /**
   * The elements. Out of the heap they are copied, as the kernels of tfjs's cpu backend keep them after they
   * have disposed the tensor, or while the heap grows and detaches all views.
   */
  read(entry: Entry): backend_util.BackendValues | undefined {
    if (entry.pending) this.#force();
    const { address, type } = entry;
    if (address === NOWHERE || type === undefined) return entry.given;
    return viewAt(this.engine.memory.buffer, address, type.dtype, type.size).slice();
  }

  /**
   * Calls `use` with the addresses of computed entries. Those outside the heap are copied to a region that
   * lasts as long as the call.
   */
  withAddresses<R>(entries: readonly Entry[], use: (addresses: number[]) => R): R {
    const addresses = new Array<number>(entries.length);
    let bytes = 0;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      addresses[i] = entry.address;
      if (entry.address === NOWHERE) bytes += aligned(entry.type?.bytes ?? 0);
    }
    if (bytes === 0) return use(addresses);
    const staging = this.engine.allocate(bytes);
    try {
      const { buffer } = this.engine.memory;
      let at = staging;
      for (let i = 0; i < entries.length; i++) {
        const { address, type, given } = entries[i]!;
        if (address !== NOWHERE || type === undefined) continue;
        viewAt(buffer, at, type.dtype, type.size).set(given as ArrayLike<number>);
        addresses[i] = at;
        at += aligned(type.bytes);
      }
      return use(addresses);
    } finally {
      this.engine.free(staging);
    }
  }
}
