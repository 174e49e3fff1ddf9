// Oracle: reference.ts, the specification evaluated by the host's operations in double precision.
import type { DType, Monoid } from "@layerwise/autodiff/executor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Buffer } from "../../src/kernel/kernel.ts";
import { foldKernels } from "../../src/loop/fold.ts";
import type { FoldLoop } from "../../src/loop/loop.ts";
import { runKernels } from "../support/run-kernels.ts";
import { expectLike } from "./compare.ts";
import { cases, contents, numbers } from "./random.ts";

const temporary = (dtype: DType, size: number): Buffer => ({ dtype, size });

/** Folds the elements of a row-major array whose axes come in the order given. */
const foldLoop = (
  dtype: DType,
  sizes: readonly number[],
  kept: readonly number[],
  monoid: Monoid,
): FoldLoop & { readonly source: Buffer; readonly target: Buffer } => {
  const folded = sizes.map((_, i) => i).filter((i) => !kept.includes(i));
  const order = [...kept, ...folded];
  const product = (axes: readonly number[]) => axes.reduce((n, i) => n * sizes[i]!, 1);
  const source = { dtype, size: product(order) };
  const target = { dtype, size: product(kept) };
  return {
    source,
    target,
    sizes: order.map((i) => sizes[i]!),
    kept: kept.length,
    steps: [
      {
        kind: "load",
        dtype,
        access: {
          buffer: source,
          offset: 0,
          strides: order.map((i) => sizes.slice(i + 1).reduce((n, d) => n * d, 1)),
        },
      },
    ],
    stores: [],
    folds: [
      {
        value: { step: 0, output: 0 },
        monoid,
        access: {
          buffer: target,
          offset: 0,
          strides: order.map((_, j) => (j < kept.length ? product(kept.slice(j + 1)) : 0)),
        },
      },
    ],
  };
};

const check = (loop: ReturnType<typeof foldLoop>, tolerance: number): number => {
  const kernels = foldKernels(loop, "fold", temporary);
  const given = new Map([[loop.source, contents(loop.source, numbers(3))]]);
  expectLike(loop, kernels, given, tolerance);
  return kernels.length;
};

describe("folds", () => {
  it.each([
    [[128, 500], [1]],
    [[128, 500], [0]],
    [[7, 10], [0]],
    [[1000, 3], [0]],
    [[1000, 3], [1]],
    [[5, 6, 37], [1]],
    [
      [5, 6, 37],
      [0, 2],
    ],
    [
      [5, 6, 37],
      [2, 0],
    ],
    [
      [4, 9, 5, 3],
      [0, 2],
    ],
    [[77], []],
    [[], []],
    [[3, 1], [0]],
  ])("sums an array of %j but for the axes %j", (sizes, kept) => {
    // 1000 elements of size 4 at most: 1e-6 of the sum of their magnitudes.
    expect(check(foldLoop("f32", sizes, kept, "add"), 2e-4)).toBe(1);
    check(foldLoop("f32", sizes, kept, "maximum"), 0);
    check(foldLoop("i32", sizes, kept, "add"), 0);
    check(foldLoop("i32", sizes, kept, "multiply"), 0);
    check(foldLoop("u32", sizes, kept, "minimum"), 0);
    check(foldLoop("bool", sizes, kept, "or"), 0);
    check(foldLoop("bool", sizes, kept, "and"), 0);
  });

  it.each([
    ["f32", "add"],
    ["f32", "multiply"],
    ["f32", "maximum"],
    ["f32", "minimum"],
    ["i32", "maximum"],
    ["i32", "minimum"],
    ["u32", "maximum"],
    ["u32", "minimum"],
    ["bool", "and"],
    ["bool", "or"],
  ] as const)("leaves the identity of %s %s where there is nothing", (dtype, monoid) => {
    check(foldLoop(dtype, [3, 0], [0], monoid), 0);
    check(foldLoop(dtype, [0], [], monoid), 0);
    check(foldLoop(dtype, [3, 0], [1], monoid), 0);
  });

  it.each(["maximum", "minimum", "add"] as const)("propagates NaN in %s", (monoid) => {
    for (const place of [0, 5, 16, 18]) {
      const loop = foldLoop("f32", [19, 5], [1], monoid);
      const values = contents(loop.source, numbers(5));
      values[5 * place + 2] = Number.NaN;
      const kernels = foldKernels(loop, "fold", temporary);
      const [sums] = runKernels(kernels, new Map([[loop.source, values]]), [loop.target]);
      expect(Array.from(sums!, Number.isNaN)).toEqual([false, false, true, false, false]);
      const rows = foldLoop("f32", [19], [], monoid);
      const row = contents(rows.source, numbers(5));
      row[place] = Number.NaN;
      const [sum] = runKernels(
        foldKernels(rows, "fold", temporary),
        new Map([[rows.source, row]]),
        [rows.target],
      );
      expect(sum![0]).toBeNaN();
    }
  });

  it.each([
    ["all of a vector", [3_000_001], []],
    ["the rows of a matrix", [2, 1_000_003], [0]],
    ["the columns of a matrix", [500_000, 3], [1]],
    ["the columns of a wider matrix", [40_001, 36], [1]],
    ["both sides", [20, 3, 30_007], [1]],
  ])("sums %s precisely, in blocks", (_, sizes, kept) => {
    const loop = foldLoop("f32", sizes, kept, "add");
    const kernels = foldKernels(loop, "sum", temporary);
    expect(kernels).toHaveLength(2);
    // All of one sign: the case in which errors of rounding can pile up.
    const next = numbers(9);
    const values = Float32Array.from({ length: loop.source.size }, () => next(1000) / 1000);
    const [sums] = runKernels(kernels, new Map([[loop.source, values]]), [loop.target]);
    const exact = new Float64Array(loop.target.size);
    const inner = sizes.slice((kept[0] ?? sizes.length) + 1).reduce((n, d) => n * d, 1);
    for (let i = 0; i < values.length; i++) {
      const j = Math.floor(i / inner) % exact.length;
      exact[j] = exact[j]! + values[i]!;
    }
    for (let i = 0; i < exact.length; i++) {
      expect(Math.abs(sums![i]! / exact[i]! - 1)).toBeLessThan(1e-6);
    }
  });

  it.each([
    [[301, 40], 1],
    [[40, 301], 1],
    [[7, 5, 300], 2],
    [[9000], 0],
    [[3, 4099], 1],
  ])("cuts expensive folds of %j into chunks", (sizes, kept) => {
    for (const reverse of [false, true]) {
      // Folded innermost, and outermost.
      const axes = sizes.map((_, i) => i);
      const order = reverse ? [...axes.slice(kept), ...axes.slice(0, kept)] : axes;
      const stride = (axis: number) =>
        order.slice(order.indexOf(axis) + 1).reduce((n, i) => n * sizes[i]!, 1);
      const strides = axes.map(stride);
      const size = sizes.reduce((n, d) => n * d, 1);
      const results = sizes.slice(0, kept).reduce((n, d) => n * d, 1);
      const [x, y] = [temporary("f32", size), temporary("f32", size)];
      const [sum, most] = [temporary("f32", results), temporary("f32", results)];
      const value = { step: 2, output: 0 };
      const along = axes.map((i) =>
        i < kept ? sizes.slice(i + 1, kept).reduce((n, d) => n * d, 1) : 0,
      );
      const fold = (monoid: Monoid, buffer: Buffer) => ({
        value,
        monoid,
        access: { buffer, offset: 0, strides: along },
      });
      const loop: FoldLoop = {
        sizes,
        kept,
        steps: [
          { kind: "load", dtype: "f32", access: { buffer: x, offset: 0, strides } },
          { kind: "constant", dtype: "f32", value: 1.5 },
          {
            kind: "op",
            op: "power",
            attrs: {},
            dtype: "f32",
            inputs: [
              { step: 0, output: 0 },
              { step: 1, output: 0 },
            ],
          },
        ],
        stores: [{ value, access: { buffer: y, offset: 0, strides } }],
        folds: [fold("add", sum), fold("maximum", most)],
      };
      const kernels = foldKernels(loop, "power", temporary);
      expect(kernels[0]!.chunks).toBeGreaterThan(1);
      const values = contents(x, numbers(4)).map(Math.abs);
      expectLike(loop, kernels, new Map([[x, values]]), 1e-5);
    }
  });

  it.each([
    ["i32", "add"],
    ["f32", "maximum"],
    ["u32", "minimum"],
    ["bool", "and"],
  ] as const)("cuts a long %s %s into blocks for threads", (dtype, monoid) => {
    const loop = foldLoop(dtype, [2, 1_000_003], [0], monoid);
    const kernels = foldKernels(loop, "fold", temporary);
    expect(kernels).toHaveLength(2);
    const next = numbers(6);
    const element = dtype === "bool" ? () => 1 : () => next(2 ** 24);
    const values = Array.from({ length: loop.source.size }, element);
    if (dtype === "bool") values[1_500_001] = 0;
    const [results] = runKernels(kernels, new Map([[loop.source, values]]), [loop.target]);
    const combine = (a: number, b: number): number =>
      monoid === "add" ? (a + b) | 0 : monoid === "maximum" ? Math.max(a, b) : Math.min(a, b);
    for (let row = 0; row < 2; row++) {
      const own = values.slice(row * 1_000_003, (row + 1) * 1_000_003);
      expect(results![row]).toBe(own.reduce(combine));
    }
  });

  it("agrees with the reference on random loops", () => {
    fc.assert(
      fc.property(cases(true), ({ loop, given }) => {
        // Up to 4e5 elements are summed.
        expectLike(loop, foldKernels(loop, "random", temporary), given, 1e-4);
      }),
      { numRuns: 120 },
    );
  });
});
