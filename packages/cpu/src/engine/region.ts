import type { Heap } from "../memory/heap.ts";

/** Memory that grows when more is asked for; its contents are lost then. */
export class Region {
  readonly #heap: Heap;
  #address = 0;
  #bytes = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Address of at least that many bytes. */
  atLeast(bytes: number): number {
    if (bytes > this.#bytes) {
      this.clear();
      this.#address = this.#heap.allocate(bytes);
      this.#bytes = bytes;
    }
    return this.#address;
  }

  /** Gives the memory back. */
  clear(): void {
    if (this.#address !== 0) this.#heap.free(this.#address);
    this.#address = 0;
    this.#bytes = 0;
  }
}
