// Oracle: the host's evaluation in float64, on random shapes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argReduceKernels } from "../../src/indexing/arg-reduce.ts";
import { cumulativeKernels } from "../../src/indexing/cumulative.ts";
import { sortKernels } from "../../src/indexing/sort.ts";
import { expectLikeHost, randomTensor } from "./run-node.ts";

const dtypes = fc.constantFrom("f32", "i32", "u32", "bool");
const draws = fc.constantFrom("any", "few", "special");
const MONOIDS = ["add", "multiply", "maximum", "minimum"] as const;
// One rounding to f32 of what was computed in double precision.
const TOLERANCE = 1e-6;

/** A tensor and one of its axes. */
const lines = (smallest: number) =>
  fc
    .record({
      outer: fc.array(fc.nat(3), { maxLength: 2 }),
      n: fc.integer({ min: smallest, max: 40 }),
      inner: fc.array(fc.nat(7), { maxLength: 2 }),
      dtype: dtypes,
      draw: draws,
      seed: fc.nat(),
    })
    .map(({ outer, n, inner, dtype, draw, seed }) => ({
      x: randomTensor({ shape: [...outer, n, ...inner], dtype }, seed, draw),
      dimension: outer.length,
      seed,
    }));

describe("cumulative", () => {
  test("random lines", () => {
    fc.assert(
      fc.property(
        lines(0),
        fc.constantFrom(...MONOIDS),
        fc.boolean(),
        fc.boolean(),
        ({ x, dimension }, monoid, reverse, inPlace) => {
          const attrs = { monoid, dimension, reverse };
          const options = { tolerance: TOLERANCE, inPlace };
          expectLikeHost("cumulative", cumulativeKernels, [x], attrs, options);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.for([
    [1, 19_000, 1, false],
    [60, 1000, 1, true],
    [1, 12, 9000, true],
    [30, 60, 67, true],
    [1, 900, 64, true],
  ] as const)("many numbers: %i × %i × %i", ([outer, n, inner, several]) => {
    const x = randomTensor({ shape: [outer, n, inner], dtype: "f32" }, n, "any");
    const attrs = { monoid: "add", dimension: 1, reverse: false } as const;
    const options = { tolerance: TOLERANCE };
    const [kernel] = expectLikeHost("cumulative", cumulativeKernels, [x], attrs, options);
    expect(kernel!.chunks > 1).toBe(several);
  });
});

describe("arg_reduce", () => {
  test("random lines", () => {
    fc.assert(
      fc.property(lines(1), fc.constantFrom("maximum", "minimum"), ({ x, dimension }, monoid) => {
        expectLikeHost("arg_reduce", argReduceKernels, [x], { monoid, dimension });
      }),
      { numRuns: 300 },
    );
  });

  test.for([
    [10_000, 10, 1],
    [1, 30, 4096],
    [50, 1003, 1],
  ] as const)("in several chunks: %i × %i × %i", ([outer, n, inner]) => {
    const x = randomTensor({ shape: [outer, n, inner], dtype: "f32" }, n, "few");
    const attrs = { monoid: "maximum", dimension: 1 } as const;
    const [kernel] = expectLikeHost("arg_reduce", argReduceKernels, [x], attrs);
    expect(kernel!.chunks).toBeGreaterThan(1);
  });
});

describe("sort", () => {
  test("random lines with other operands", () => {
    fc.assert(
      fc.property(
        lines(0),
        fc.array(dtypes, { maxLength: 2 }),
        fc.boolean(),
        ({ x, dimension, seed }, others, descending) => {
          const inputs = others.map((dtype, i) =>
            randomTensor({ shape: x.type.shape, dtype }, seed + i, "special"),
          );
          expectLikeHost("sort", sortKernels, [x, ...inputs], { dimension, descending });
        },
      ),
      { numRuns: 200 },
    );
  });

  test.for([64, 65, 1000, 4097])("a long vector of %i", (n) => {
    for (const draw of ["any", "few", "special"] as const) {
      const x = randomTensor({ shape: [n], dtype: "f32" }, n, draw);
      const payload = randomTensor({ shape: [n], dtype: "i32" }, n + 1, "any");
      for (const descending of [false, true]) {
        expectLikeHost("sort", sortKernels, [x, payload], { dimension: 0, descending });
      }
    }
  });

  test.for([
    [60, 100, 1],
    [1, 50, 120],
  ] as const)("lines in several chunks: %i × %i × %i", ([outer, n, inner]) => {
    const x = randomTensor({ shape: [outer, n, inner], dtype: "f32" }, n, "special");
    const attrs = { dimension: 1, descending: false };
    const [kernel] = expectLikeHost("sort", sortKernels, [x], attrs);
    expect(kernel!.chunks).toBeGreaterThan(1);
  });

  test("zeros of either sign and NaN keep their order", () => {
    const x = randomTensor({ shape: [200], dtype: "f32" }, 7, "special");
    const count = {
      type: { shape: [200], dtype: "i32" },
      data: Int32Array.from({ length: 200 }, (_, i) => i),
    } as const;
    expectLikeHost("sort", sortKernels, [x, count], { dimension: 0, descending: true });
  });
});
