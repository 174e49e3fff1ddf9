import { permutation } from "@layerwise/data";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { boundedInteger, streamKey, threefry2x32, uint32Source } from "../src/threefry.ts";

// Oracle: known answers of Random123 (kat_vectors, "threefry2x32 20"), also used by JAX's tests.
test.for([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344],
    [0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
] as const)("Threefry-2x32-20 gives the published block for key %o", ([key, counter, block]) => {
  expect(threefry2x32(key, counter)).toEqual(block);
});

test("the word source is the blocks of counters 0, 1, … in order", () => {
  const key = streamKey(2 ** 32 + 5, []);
  expect(key).toEqual([1, 5]);
  const next = uint32Source(key);
  expect([next(), next(), next()]).toEqual([
    ...threefry2x32(key, [0, 0]),
    threefry2x32(key, [0, 1])[0],
  ]);
});

test("bounded integers reject the incomplete last run: 2^32 = 3 · 1431655765 + 1", () => {
  const words = [0xffffffff, 0xfffffffe, 7];
  let used = 0;
  const next = (): number => words[used++] ?? 0;
  expect(boundedInteger(next, 3)).toBe(0xfffffffe % 3);
  expect(used).toBe(2);
});

// Oracle: an independent implementation in Python integers, from the paper's definition.
test("permutations equal those of an independent implementation", () => {
  expect([...permutation(10, 0)]).toEqual([2, 1, 6, 8, 4, 3, 0, 7, 5, 9]);
  expect([...permutation(10, 42, [0, 3])]).toEqual([5, 8, 3, 4, 1, 7, 2, 0, 9, 6]);
  expect([...permutation(10, 2 ** 53 - 1, [7])]).toEqual([5, 6, 3, 7, 1, 9, 0, 8, 4, 2]);
  const big = permutation(60_000, 1, [0, 0]);
  expect([...big.slice(0, 5)]).toEqual([42737, 1196, 10837, 54016, 17456]);
  expect(big.reduce((sum, v, i) => sum + ((i * v) % 1000003), 0)).toBe(29962138943);
});

test("every result is a permutation", () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.maxSafeNat(),
      fc.array(fc.maxSafeNat(), { maxLength: 3 }),
      (n, seed, path) => {
        expect([...permutation(n, seed, path).sort()]).toEqual([...Array(n).keys()]);
      },
    ),
  );
});

test("refuses bad sizes, seeds and paths", () => {
  expect(() => permutation(-1, 0)).toThrow("permutation: expected n in [0, 2^31), got -1");
  expect(() => permutation(3, 0.5)).toThrow("seed: expected an integer in [0, 2^53), got 0.5");
  expect(() => permutation(3, 0, [1, -2])).toThrow(
    "seed path: expected integers in [0, 2^53), got [1, -2]",
  );
});
