// Oracle: reference.ts, the specification evaluated by the host's operations in double precision.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Buffer } from "../../src/kernel/kernel.ts";
import { copyKernel, copyLoop } from "../../src/loop/copy.ts";
import type { MapLoop } from "../../src/loop/loop.ts";
import { mapKernel } from "../../src/loop/map.ts";
import { runKernels } from "../support/run-kernels.ts";
import { expectLike } from "./compare.ts";
import { cases, contents, numbers } from "./random.ts";

const f32 = (size: number): Buffer => ({ dtype: "f32", size });

const fill = (...buffers: Buffer[]): Map<Buffer, ArrayLike<number>> => {
  const next = numbers(1);
  return new Map(buffers.map((buffer) => [buffer, contents(buffer, next)]));
};

const input = (step: number) => ({ step, output: 0 });

const binaryLoop = (x: Buffer, y: Buffer, out: Buffer): MapLoop => ({
  sizes: [x.size],
  steps: [
    { kind: "load", dtype: x.dtype, access: { buffer: x, offset: 0, strides: [1] } },
    { kind: "load", dtype: y.dtype, access: { buffer: y, offset: 0, strides: [1] } },
    {
      kind: "op",
      op: "add",
      attrs: {},
      dtype: x.dtype,
      inputs: [input(0), input(1)],
    },
  ],
  stores: [{ value: { step: 2, output: 0 }, access: { buffer: out, offset: 0, strides: [1] } }],
});

describe("element-wise loops", () => {
  it.each([0, 1, 3, 4, 5, 31, 32, 33, 45])("adds %i elements", (size) => {
    const [x, y, out] = [f32(size), f32(size), f32(size)];
    const loop = binaryLoop(x, y, out);
    const kernel = mapKernel(loop, "add");
    expectLike(loop, [kernel], fill(x, y), 1e-7);
    if (size > 0) {
      expect(kernel.inPlace).toEqual([
        [out, x],
        [out, y],
      ]);
    }
  });

  it("cuts long loops into independent chunks", () => {
    const size = 2_000_003;
    const [x, y, out] = [f32(size), f32(size), f32(size)];
    const kernel = mapKernel(binaryLoop(x, y, out), "add");
    expect(kernel.chunks).toBeGreaterThan(3);
    const [a, b] = [x, y].map(() => Float32Array.from({ length: size }, (_, i) => i % 977));
    const given = new Map([
      [x, a!],
      [y, b!],
    ]);
    const [sum] = runKernels([kernel], given, [out]);
    expect(sum!.every((value, i) => value === 2 * (i % 977))).toBe(true);
  });

  it("writes over what it reads at the same places", () => {
    for (const size of [3, 37, 64, 75]) {
      const [x, y] = [f32(size), f32(size)];
      const loop = binaryLoop(x, y, x);
      expectLike(loop, [mapKernel(loop, "add")], fill(x, y), 1e-7);
    }
  });

  it("does not offer to write over what other elements still need", () => {
    const [x, out] = [f32(8), f32(8)];
    const reversed = copyKernel(
      [8],
      { buffer: x, offset: 7, strides: [-1] },
      { buffer: out, offset: 0, strides: [1] },
    );
    expect(reversed.inPlace).toEqual([]);
  });

  it.each([
    [4, 4],
    [16, 4],
    [5, 7],
    [17, 33],
    [64, 48],
    [3, 40],
    [1024, 9],
    [1024, 17],
  ])("transposes [%i, %i]", (rows, columns) => {
    const [x, out] = [f32(2 * rows * columns), f32(2 * rows * columns)];
    const from = { buffer: x, offset: 0, strides: [rows * columns, columns, 1] };
    const to = { buffer: out, offset: 0, strides: [rows * columns, 1, rows] };
    const sizes = [2, rows, columns];
    expectLike(copyLoop(sizes, from, to), [copyKernel(sizes, from, to)], fill(x), 0);
  });

  it("transposes in several chunks", () => {
    const n = 500;
    const [x, out] = [f32(n * n), f32(n * n)];
    const from = { buffer: x, offset: 0, strides: [n, 1] };
    const to = { buffer: out, offset: 0, strides: [1, n] };
    const kernel = copyKernel([n, n], from, to);
    expect(kernel.chunks).toBeGreaterThan(1);
    expectLike(copyLoop([n, n], from, to), [kernel], fill(x), 0);
  });

  it("cuts loops of several axes", () => {
    // Expensive enough for chunks, small enough for the reference.
    for (const sizes of [[37, 301], [3, 4099], [11_000], [2, 5501, 2]]) {
      const size = sizes.reduce((n, d) => n * d, 1);
      const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((n, d) => n * d, 1));
      const [x, out] = [f32(size), f32(size + 2)];
      const loop: MapLoop = {
        sizes,
        steps: [
          { kind: "load", dtype: "f32", access: { buffer: x, offset: 0, strides } },
          {
            kind: "load",
            dtype: "f32",
            access: { buffer: x, offset: 1, strides: strides.map((s, i) => (i === 0 ? 0 : s)) },
          },
          { kind: "op", op: "power", attrs: {}, dtype: "f32", inputs: [input(0), input(1)] },
        ],
        stores: [{ value: input(2), access: { buffer: out, offset: 1, strides } }],
      };
      const kernel = mapKernel(loop, "power");
      expect(kernel.chunks).toBeGreaterThan(1);
      // The square root of a negative number is NaN: magnitudes only.
      const magnitudes = contents(x, numbers(2)).map((value) => Math.abs(value) + 0.5);
      expectLike(loop, [kernel], new Map([[x, magnitudes]]), 1e-5);
    }
  });

  it("has both results of threefry2x32", () => {
    const key: Buffer = { dtype: "u32", size: 2 };
    const [a, b] = [
      { dtype: "u32", size: 9 },
      { dtype: "u32", size: 9 },
    ] as const;
    const load = (buffer: Buffer, offset: number, stride: number) =>
      ({ kind: "load", dtype: "u32", access: { buffer, offset, strides: [stride] } }) as const;
    const loop: MapLoop = {
      sizes: [9],
      steps: [
        load(key, 0, 0),
        load(key, 1, 0),
        { kind: "index", dtype: "u32", offset: 0, strides: [1] },
        { kind: "constant", dtype: "u32", value: 7 },
        {
          kind: "op",
          op: "threefry2x32",
          attrs: {},
          dtype: "u32",
          inputs: [0, 1, 2, 3].map((step) => ({ step, output: 0 })),
        },
      ],
      stores: [
        { value: { step: 4, output: 1 }, access: { buffer: b, offset: 0, strides: [1] } },
        { value: { step: 4, output: 0 }, access: { buffer: a, offset: 0, strides: [1] } },
      ],
    };
    expectLike(loop, [mapKernel(loop, "random")], fill(key));
  });

  it("agrees with the reference on random loops", () => {
    fc.assert(
      fc.property(cases(false), ({ loop, given }) => {
        expectLike(loop, [mapKernel(loop, "random")], given);
      }),
      { numRuns: 120 },
    );
  });
});
