import { type BatchesOptions, batches, batchesPerEpoch } from "@layerwise/data";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const settings = fc.record({
  n: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  seed: fc.maxSafeNat(),
  epochs: fc.integer({ min: 1, max: 4 }),
  shuffle: fc.boolean(),
});

const indicesOf = (n: number, batchSize: number, options: BatchesOptions): number[][] =>
  Array.from(batches(n, batchSize, options), ({ indices }) => [...indices]);

test("every epoch visits each example exactly once", () => {
  fc.assert(
    fc.property(settings, ({ n, batchSize, ...options }) => {
      const perEpoch = new Map<number, number[]>();
      for (const { epoch, indices } of batches(n, batchSize, options)) {
        perEpoch.set(epoch, [...(perEpoch.get(epoch) ?? []), ...indices]);
      }
      expect(perEpoch.size).toBe(options.epochs);
      for (const seen of perEpoch.values()) {
        expect(seen.sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
      }
    }),
  );
});

test("resuming at any batch gives exactly the rest of the uninterrupted stream", () => {
  fc.assert(
    fc.property(settings, fc.boolean(), ({ n, batchSize, ...options }, dropLast) => {
      fc.pre(!dropLast || batchSize <= n);
      const all = [...batches(n, batchSize, { ...options, dropLast })];
      for (const [k, { next }] of all.entries()) {
        // A saved position survives JSON.
        const start = JSON.parse(JSON.stringify(next)) as typeof next;
        expect([...batches(n, batchSize, { ...options, dropLast, start })]).toEqual(
          all.slice(k + 1),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test("epochs differ, seeds differ, and the same seed repeats", () => {
  const [first, second] = indicesOf(100, 100, { seed: 1, epochs: 2 });
  expect(first).not.toEqual(second);
  expect(indicesOf(100, 100, { seed: 2 })[0]).not.toEqual(first);
  expect(indicesOf(100, 100, { seed: 1 })[0]).toEqual(first);
});

test("the order of an epoch does not depend on the batch size", () => {
  expect(indicesOf(50, 7, { seed: 3 }).flat()).toEqual(indicesOf(50, 50, { seed: 3 }).flat());
});

test("without shuffling the order is 0 … n−1; dropLast leaves out the remainder", () => {
  expect(indicesOf(5, 2, { shuffle: false })).toEqual([[0, 1], [2, 3], [4]]);
  expect(indicesOf(5, 2, { shuffle: false, dropLast: true })).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test("positions and counts", () => {
  expect(Array.from(batches(5, 2, { epochs: 2 }), ({ epoch, batch }) => [epoch, batch])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
  expect(batchesPerEpoch(60_000, 128)).toBe(469);
  expect(batchesPerEpoch(60_000, 128, true)).toBe(468);
});

test("yielded indices belong to the caller", () => {
  const stream = batches(4, 2, { shuffle: false });
  (stream.next().value as { indices: Int32Array }).indices.fill(9);
  expect((stream.next().value as { indices: Int32Array }).indices).toEqual(Int32Array.of(2, 3));
});

test("an endless stream can be read batch by batch", () => {
  const stream = batches(3, 2, { epochs: Infinity });
  const read = Array.from({ length: 100 }, () => stream.next().value?.epoch);
  expect(read.at(-1)).toBe(49);
});

test.for([
  [0, 1, {}, "batches: expected a number of examples in [1, 2^31), got 0"],
  [5, 0, {}, "batches: expected a batchSize of at least 1, got 0"],
  [
    5,
    6,
    { dropLast: true },
    "batches: expected batchSize <= 5 examples because dropLast leaves no batch, got 6",
  ],
  [5, 2, { epochs: -1 }, "batches: expected epochs to be an integer >= 0 or Infinity, got -1"],
  [5, 2, { start: { epoch: 0, batch: 3 } }, "batches: expected start.batch in [0, 3), got 3"],
  [
    5,
    2,
    { start: { epoch: -1, batch: 0 } },
    "batches: expected start.epoch to be an integer >= 0, got -1",
  ],
] as const)("refuses n %i, batchSize %i, %o", ([n, batchSize, options, message]) => {
  expect(() => [...batches(n, batchSize, options)]).toThrow(new RangeError(message));
});
