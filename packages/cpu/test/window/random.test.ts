// Oracle: the host's evaluation in float64, on random windows.
import { infer } from "@layerwise/autodiff/executor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reduceWindowKernels } from "../../src/window/reduce-window.ts";
import { selectAndGatherKernels } from "../../src/window/select-and-gather.ts";
import { selectAndScatterKernels } from "../../src/window/select-and-scatter.ts";
import { expectLikeHost, randomTensor } from "../indexing/run-node.ts";

const dtypes = fc.constantFrom("f32", "i32", "u32", "bool");
const draws = fc.constantFrom("any", "few", "special");
const MONOIDS = ["add", "multiply", "maximum", "minimum"] as const;
// Sums and products of up to 81 numbers below 2 in single precision.
const TOLERANCE = 5e-6;

/** Windows over some axes, often followed by axes without one. */
const windows = fc
  .record({
    axes: fc.array(
      fc.record({
        size: fc.nat(7),
        window: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        low: fc.integer({ min: -1, max: 3 }),
        high: fc.integer({ min: -1, max: 3 }),
      }),
      { maxLength: 3 },
    ),
    inner: fc.array(fc.nat(21), { maxLength: 1 }),
    dtype: dtypes,
    other: dtypes,
    draw: draws,
    seed: fc.nat(),
  })
  .map(({ axes, inner, dtype, other, draw, seed }) => {
    const ones = inner.map(() => 1);
    const none = inner.map(() => [0, 0] as const);
    const shape = [...axes.map(({ size }) => size), ...inner];
    return {
      attrs: {
        dimensions: [...axes.map(({ window }) => window), ...ones],
        strides: [...axes.map(({ stride }) => stride), ...ones],
        padding: [...axes.map(({ low, high }) => [low, high] as const), ...none],
      },
      x: randomTensor({ shape, dtype }, seed, draw),
      other,
      seed,
    };
  });

/** Pooling of images [n, h, w, channels] with padding as "same" has it. */
const pooling = (window: number, stride: number) => {
  const pad = [Math.floor((window - 1) / 2), Math.ceil((window - 1) / 2)] as const;
  return {
    dimensions: [1, window, window, 1],
    strides: [1, stride, stride, 1],
    padding: [[0, 0] as const, pad, pad, [0, 0] as const],
  };
};

const IMAGES = [
  [2, 2, 16],
  [3, 2, 20],
  [3, 1, 7],
  [2, 1, 1],
  [5, 3, 33],
] as const;

describe("reduce_window", () => {
  test("random windows", () => {
    fc.assert(
      fc.property(windows, fc.constantFrom(...MONOIDS), ({ x, attrs }, monoid) => {
        const all = { ...attrs, monoid };
        expectLikeHost("reduce_window", reduceWindowKernels, [x], all, { tolerance: TOLERANCE });
      }),
      { numRuns: 400 },
    );
  });

  test.for(IMAGES)("windows of %i, strides of %i, %i channels", ([window, stride, channels]) => {
    const x = randomTensor({ shape: [8, 23, 23, channels], dtype: "f32" }, channels, "any");
    for (const monoid of ["add", "maximum"] as const) {
      const attrs = { ...pooling(window, stride), monoid };
      const options = { tolerance: TOLERANCE };
      const [kernel] = expectLikeHost("reduce_window", reduceWindowKernels, [x], attrs, options);
      if (channels > 8) expect(kernel!.chunks).toBeGreaterThan(1);
    }
  });

  test("long sums are precise", () => {
    const x = randomTensor({ shape: [100, 100, 3], dtype: "f32" }, 5, "any");
    const attrs = {
      dimensions: [100, 100, 1],
      strides: [1, 1, 1],
      padding: [[0, 0] as const, [0, 0] as const, [0, 0] as const],
      monoid: "add" as const,
    };
    expectLikeHost("reduce_window", reduceWindowKernels, [x], attrs, { tolerance: 1e-6 });
  });
});

describe("selections", () => {
  test("random windows", () => {
    fc.assert(
      fc.property(windows, ({ x, attrs, other, seed }) => {
        const [type] = infer.select_and_gather([x.type, { ...x.type, dtype: other }], attrs);
        const source = randomTensor({ shape: type!.shape, dtype: other }, seed + 1, "few");
        const values = randomTensor({ shape: x.type.shape, dtype: other }, seed + 2, "special");
        expectLikeHost("select_and_scatter", selectAndScatterKernels, [x, source], attrs, {
          tolerance: TOLERANCE,
        });
        expectLikeHost("select_and_gather", selectAndGatherKernels, [x, values], attrs);
      }),
      { numRuns: 400 },
    );
  });

  test.for(IMAGES)("windows of %i, strides of %i, %i channels", ([window, stride, channels]) => {
    const attrs = pooling(window, stride);
    const x = randomTensor({ shape: [8, 23, 23, channels], dtype: "f32" }, channels, "few");
    const [type] = infer.select_and_gather([x.type, x.type], attrs);
    const source = randomTensor(type!, 1, "any");
    const inputs = [x, source];
    const tolerance = { tolerance: TOLERANCE };
    const kernels = expectLikeHost(
      "select_and_scatter",
      selectAndScatterKernels,
      inputs,
      attrs,
      tolerance,
    );
    if (channels > 8) expect(kernels[1]!.chunks).toBeGreaterThan(1);
    const lower = selectAndGatherKernels;
    const [gather] = expectLikeHost("select_and_gather", lower, [x, x], attrs);
    if (channels > 8) expect(gather!.chunks).toBeGreaterThan(1);
  });

  // Chunks run one after another here, so that a race between them shows in no result.
  test.for([
    { shape: [150, 150], window: [3, 3], stride: [1, 1], most: 1 },
    { shape: [5, 100, 100], window: [1, 3, 3], stride: [1, 1, 1], most: 5 },
    { shape: [240, 120], window: [2, 3], stride: [2, 1], most: 120 },
  ])("windows of $window that share elements of $shape stay in one chunk", (c) => {
    const attrs = {
      dimensions: c.window,
      strides: c.stride,
      padding: c.shape.map(() => [0, 0] as const),
    };
    const x = randomTensor({ shape: c.shape, dtype: "f32" }, 1, "few");
    const [type] = infer.select_and_gather([x.type, x.type], attrs);
    const inputs = [x, randomTensor(type!, 2, "any")];
    const lower = selectAndScatterKernels;
    const options = { tolerance: TOLERANCE };
    const scatter = expectLikeHost("select_and_scatter", lower, inputs, attrs, options)[1]!;
    expect(scatter.cost).toBeGreaterThan(100_000);
    expect(scatter.chunks).toBeLessThanOrEqual(c.most);
    expect(scatter.chunks > 1).toBe(c.most > 1);
  });
});
