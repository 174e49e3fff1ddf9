// Oracle: a list of the live blocks, checked against one another; contents are compared exactly.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../src/memory/heap.ts";

const PAGE = 65536;
const small = (): Heap => new Heap({ shared: false, initial: 1, maximum: 64 });

describe("Heap", () => {
  it("gives aligned blocks that do not overlap, keep their contents through growth, and merge again", () => {
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.record({ size: fc.integer({ min: 0, max: 9000 }) }) },
      { weight: 1, arbitrary: fc.record({ size: fc.constantFrom(64, 128, 4096) }) },
      { weight: 3, arbitrary: fc.record({ free: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
        const heap = small();
        const live: { address: number; size: number; mark: number }[] = [];
        let mark = 0;
        const release = (i: number): void => {
          const [block] = live.splice(i, 1);
          if (block === undefined) return;
          const { address, size } = block;
          expect(heap.u8(address, size).every((byte) => byte === block.mark)).toBe(true);
          heap.free(address);
        };
        for (const step of actions) {
          if ("free" in step) {
            if (live.length > 0) release(step.free % live.length);
            continue;
          }
          const address = heap.allocate(step.size);
          const size = 64 * Math.max(1, Math.ceil(step.size / 64));
          expect(address % 64).toBe(0);
          expect(address).toBeGreaterThanOrEqual(64);
          expect(address + size).toBeLessThanOrEqual(heap.memory.buffer.byteLength - 64);
          for (const other of live) {
            expect(address + size <= other.address || other.address + other.size <= address).toBe(
              true,
            );
          }
          mark = (mark + 1) % 256;
          heap.u8(address, size).fill(mark);
          live.push({ address, size, mark });
          expect(heap.bytesInUse).toBe(live.reduce((sum, block) => sum + block.size, 0));
        }
        while (live.length > 0) release(0);
        expect(heap.bytesInUse).toBe(0);
        expect(heap.freeBlocks()).toEqual([{ address: 64, size: heap.byteLength - 128 }]);
      }),
      { numRuns: 60 },
    );
  });

  it("takes the best fit", () => {
    const heap = small();
    const blocks = [1024, 64, 256, 64, 512, 64].map((size) => heap.allocate(size));
    for (const i of [0, 2, 4]) heap.free(blocks[i] as number);
    expect(heap.allocate(200)).toBe(blocks[2]);
    expect(heap.allocate(300)).toBe(blocks[4]);
    expect(heap.allocate(300)).toBe(blocks[0]);
  });

  it("refuses to free what is not allocated", () => {
    const heap = small();
    const address = heap.allocate(100);
    expect(() => heap.free(address + 64)).toThrow(`address ${address + 64}`);
    heap.free(address);
    expect(() => heap.free(address)).toThrow("not allocated");
  });

  it("says what to do when memory is exhausted, and works on", () => {
    const heap = small();
    const address = heap.allocate(63 * PAGE);
    expect(() => heap.allocate(2 * PAGE)).toThrow(
      /0\.1 MiB asked for while 3\.9 MiB are in use .* at most 4\.0 MiB.*Dispose tensors/,
    );
    expect(() => heap.allocate(5 * 2 ** 30)).toThrow(/5120\.0 MiB asked for/);
    expect(() => heap.allocate(Number.NaN)).toThrow("cannot allocate NaN bytes");
    expect(heap.bytesInUse).toBe(63 * PAGE);
    heap.free(address);
    expect(heap.allocate(63 * PAGE)).toBe(address);
  });

  it("uses addresses above 2 GiB", () => {
    const heap = new Heap({ shared: false });
    heap.allocate(2 ** 31);
    const address = heap.allocate(64);
    expect(address).toBeGreaterThan(2 ** 31);
    heap.f32(address | 0, 2).set([1.5, 2.5]);
    expect([...heap.f32(address, 2)]).toEqual([1.5, 2.5]);
    expect(heap.u8(address, 4)[3]).toBe(0x3f);
    expect(heap.i32(address, 1)[0]).toBe(0x3fc00000);
    heap.free(address | 0);
  });
});
