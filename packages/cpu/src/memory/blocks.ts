/** Blocks are multiples of this, and so are their addresses: a cache line. */
export const BLOCK_ALIGNMENT = 64;

/** Index of the first of the sorted sizes that is at least `size`. */
const lowerBound = (sizes: readonly number[], size: number): number => {
  let low = 0;
  let high = sizes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sizes[middle] as number) < size) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * Keeps account of which blocks of an address range are in use. Freed blocks first wait in a list
 * per size, where a request for the same size finds them at once (a training step asks for the same
 * sizes every time). Only when that fails are they merged with their neighbours and the best fit is
 * taken. Sizes are multiples of {@link BLOCK_ALIGNMENT}.
 */
export class Blocks {
  readonly #allocated = new Map<number, number>();
  /** Freed and not yet merged: size to addresses. */
  readonly #waiting = new Map<number, number[]>();
  /** Merged free blocks: start to size, end to start, size to starts, and the sizes in order. */
  readonly #freeAt = new Map<number, number>();
  readonly #freeEnd = new Map<number, number>();
  readonly #bins = new Map<number, Set<number>>();
  readonly #sizes: number[] = [];
  #bytesInUse = 0;

  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** Address of a block of `size` bytes, or undefined if no free block is big enough. */
  allocate(size: number): number | undefined {
    const address = this.#waiting.get(size)?.pop() ?? this.#bestFit(size);
    if (address === undefined) return undefined;
    this.#allocated.set(address, size);
    this.#bytesInUse += size;
    return address;
  }

  /** Whether there was a block in use at the address; it is free now. */
  free(address: number): boolean {
    const size = this.#allocated.get(address);
    if (size === undefined) return false;
    this.#allocated.delete(address);
    this.#bytesInUse -= size;
    const list = this.#waiting.get(size);
    if (list === undefined) this.#waiting.set(size, [address]);
    else list.push(address);
    return true;
  }

  /** Adds a free range. */
  extend(start: number, end: number): void {
    if (end > start) this.#merge(start, end - start);
  }

  /** The free blocks, merged, in the order of their addresses. */
  freeBlocks(): readonly { readonly address: number; readonly size: number }[] {
    this.#mergeWaiting();
    return [...this.#freeAt]
      .map(([address, size]) => ({ address, size }))
      .sort((a, b) => a.address - b.address);
  }

  /** Bytes of the free block that ends at an address. */
  freeBefore(end: number): number {
    this.#mergeWaiting();
    const start = this.#freeEnd.get(end);
    return start === undefined ? 0 : end - start;
  }

  #bestFit(size: number): number | undefined {
    this.#mergeWaiting();
    const found = this.#sizes[lowerBound(this.#sizes, size)];
    if (found === undefined) return undefined;
    const [address] = this.#bins.get(found) as Set<number>;
    if (address === undefined) return undefined;
    this.#remove(address, found);
    if (found > size) this.#insert(address + size, found - size);
    return address;
  }

  #mergeWaiting(): void {
    for (const [size, addresses] of this.#waiting) {
      for (const address of addresses) this.#merge(address, size);
    }
    this.#waiting.clear();
  }

  #merge(address: number, size: number): void {
    const before = this.#freeEnd.get(address);
    if (before !== undefined) {
      this.#remove(before, address - before);
      size += address - before;
      address = before;
    }
    const behind = this.#freeAt.get(address + size);
    if (behind !== undefined) {
      this.#remove(address + size, behind);
      size += behind;
    }
    this.#insert(address, size);
  }

  #insert(address: number, size: number): void {
    this.#freeAt.set(address, size);
    this.#freeEnd.set(address + size, address);
    const bin = this.#bins.get(size);
    if (bin !== undefined) {
      bin.add(address);
      return;
    }
    this.#bins.set(size, new Set([address]));
    this.#sizes.splice(lowerBound(this.#sizes, size), 0, size);
  }

  #remove(address: number, size: number): void {
    this.#freeAt.delete(address);
    this.#freeEnd.delete(address + size);
    const bin = this.#bins.get(size) as Set<number>;
    bin.delete(address);
    if (bin.size > 0) return;
    this.#bins.delete(size);
    this.#sizes.splice(lowerBound(this.#sizes, size), 1);
  }
}
