const GRANULE = 64;

/** A heap for tests: it poisons what is freed, detaches all views when it grows, and knows what leaks. */
export class HostHeap {
  #buffer = new ArrayBuffer(1 << 16);
  #end = GRANULE;
  readonly #sizes = new Map<number, number>();
  readonly #free = new Map<number, number[]>();
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Bytes that are allocated, rounded up to granules. */
  bytes = 0;

  constructor() {
    const current = (): ArrayBuffer => this.#buffer;
    this.memory = {
      get buffer() {
        return current();
      },
    };
  }

  /** Number of regions that are allocated. */
  get regions(): number {
    return this.#sizes.size;
  }

  allocate(bytes: number): number {
    const size = Math.max(1, Math.ceil(bytes / GRANULE)) * GRANULE;
    const address = this.#free.get(size)?.pop() ?? this.#extend(size);
    this.#sizes.set(address, size);
    this.bytes += size;
    return address;
  }

  #extend(size: number): number {
    const address = this.#end;
    this.#end += size;
    if (this.#end > this.#buffer.byteLength) {
      this.#buffer = this.#buffer.transfer(Math.max(this.#end, 2 * this.#buffer.byteLength));
    }
    return address;
  }

  free(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new Error(`free: nothing is allocated at ${address}`);
    new Uint8Array(this.#buffer, address, size).fill(0xcd);
    this.#sizes.delete(address);
    this.bytes -= size;
    const same = this.#free.get(size) ?? [];
    same.push(address);
    this.#free.set(size, same);
  }

  /** Throws where no region of that many bytes starts at the address or contains it. */
  check(address: number, bytes: number): void {
    const inside = [...this.#sizes].some(
      ([at, size]) => at <= address && address + bytes <= at + size,
    );
    if (!inside) throw new Error(`nothing of ${bytes} bytes is allocated at ${address}`);
  }
}
