import {
  balancedSubset,
  gatherRows,
  type LabelledImages,
  subset,
  take,
  trainValidationSplit,
} from "@layerwise/data";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const data: LabelledImages = {
  images: Float32Array.from({ length: 12 }, (_, i) => i),
  labels: Uint8Array.of(7, 8, 9),
  imageShape: [2, 2],
};

test("subset and take copy the chosen examples (written out by hand)", () => {
  expect(subset(data, [2, 0, 2])).toStrictEqual({
    images: Float32Array.of(8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11),
    labels: Uint8Array.of(9, 7, 9),
    imageShape: [2, 2],
  });
  expect(take(data, 1)).toStrictEqual({
    images: Float32Array.of(0, 1, 2, 3),
    labels: Uint8Array.of(7),
    imageShape: [2, 2],
  });
  expect(() => take(data, 4)).toThrow("take: expected a count in [0, 3], got 4");
});

test("gatherRows keeps the type and refuses indices and sizes that do not fit", () => {
  expect(gatherRows(Int16Array.of(1, 2, 3, 4), 2, Int32Array.of(1))).toStrictEqual(
    Int16Array.of(3, 4),
  );
  expect(() => gatherRows(Int16Array.of(1, 2), 1, [0, 2])).toThrow(
    "gatherRows: expected indices in [0, 2), got 2 at 1",
  );
  expect(() => gatherRows(Int16Array.of(1, 2), 1, [-1])).toThrow("got -1 at 0");
  expect(() => gatherRows(Int16Array.of(1, 2, 3), 2, [0])).toThrow(
    "gatherRows: expected rows of 2 numbers, got 3 numbers",
  );
});

test("balancedSubset takes perClass of each class, ascending, without repeats, and nested", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 80 }),
      fc.nat(5),
      fc.maxSafeNat(),
      (labels, perClass, seed) => {
        const counts = new Map<number, number>();
        for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
        const smallest = Math.min(...counts.values());
        if (perClass > smallest) {
          expect(() => balancedSubset(labels, perClass, seed)).toThrow(
            `balancedSubset: expected at least ${perClass} examples of class`,
          );
          return;
        }
        const chosen = [...balancedSubset(labels, perClass, seed)];
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        for (const label of counts.keys()) {
          expect(chosen.filter((i) => labels[i] === label)).toHaveLength(perClass);
        }
        const larger = new Set(balancedSubset(labels, smallest, seed));
        expect(chosen.every((i) => larger.has(i))).toBe(true);
      },
    ),
  );
});

test("trainValidationSplit holds out the last examples, or random ones with a seed", () => {
  const last = trainValidationSplit(5, 2);
  expect([...last.train]).toEqual([0, 1, 2]);
  expect([...last.validation]).toEqual([3, 4]);
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), fc.maxSafeNat(), (a, b, seed) => {
      const { train, validation } = trainValidationSplit(a + b, b, { seed });
      expect(validation).toHaveLength(b);
      expect(train).toEqual(train.slice().sort());
      expect([...train, ...validation].sort((x, y) => x - y)).toEqual([...Array(a + b).keys()]);
    }),
  );
  expect(() => trainValidationSplit(5, 6)).toThrow(
    "trainValidationSplit: expected a validation count in [0, 5], got 6",
  );
});
