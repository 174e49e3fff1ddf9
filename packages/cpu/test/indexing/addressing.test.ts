// Oracle: the host's evaluation in float64, on random attributes.
import type { HostTensor, Shape } from "@layerwise/autodiff/executor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dynamicSliceKernels,
  dynamicUpdateSliceKernels,
} from "../../src/indexing/dynamic-slice.ts";
import { gatherKernels } from "../../src/indexing/gather.ts";
import { scatterKernels } from "../../src/indexing/scatter.ts";
import { expectLikeHost, randomIndices, randomTensor } from "./run-node.ts";

const DTYPES = ["f32", "i32", "u32", "bool"] as const;
// Sums of up to 20 numbers below 2 in single precision.
const TOLERANCE = 2e-6;

const seeds = fc.nat();
const dtypes = fc.constantFrom(...DTYPES);
const sizes = fc.array(fc.nat(5), { minLength: 1, maxLength: 4 });

/** What becomes of an axis of the operand: batching, only indexed, indexed with a window, window. */
const roles = fc.constantFrom("batching", "element", "block", "whole");

/** Attributes of gather and scatter, as an axis each with a role, and the batch axes of indices. */
const addressings = fc
  .record({
    axes: fc.array(fc.record({ size: fc.nat(5), role: roles, part: fc.nat(5) }), { maxLength: 4 }),
    batch: fc.array(fc.nat(4), { maxLength: 2 }),
    swap: fc.boolean(),
    front: fc.nat(3),
    seed: seeds,
    dtype: dtypes,
  })
  .map(({ axes: drawn, batch: free, swap, front, seed, dtype }) => {
    // Gathering an element of an axis of size 0 is an error.
    const axes = drawn.map((a) => (a.role === "element" && a.size === 0 ? { ...a, size: 1 } : a));
    const of = (...wanted: string[]) =>
      axes.flatMap((a, i) => (wanted.includes(a.role) ? [i] : []));
    const batchingDims = of("batching");
    const indexed = swap ? of("element", "block").reverse() : of("element", "block");
    // Batching axes behind the free ones.
    const batch = [...free, ...batchingDims.map((i) => axes[i]!.size)];
    const indicesBatchingDims = batchingDims.map((_, i) => free.length + i);
    const windowAxes = of("block", "whole");
    const window = axes.map(({ size, role, part }) => {
      if (role === "block") return Math.min(size, part);
      return role === "whole" ? size : Math.min(size, 1);
    });
    const at = Math.min(front, batch.length);
    const windowDims = windowAxes.map((_, i) => at + i);
    const largest = Math.max(0, ...axes.map(({ size }) => size));
    const windowShape = windowAxes.map((i) => window[i]!);
    return {
      shape: axes.map(({ size }) => size),
      batch,
      dropped: of("element"),
      batchingDims,
      indicesBatchingDims,
      indexed,
      // Batching axes of size 0 have slices of size 0 or 1; no index is there in any case.
      window,
      windowDims,
      updateShape: [...batch.slice(0, at), ...windowShape, ...batch.slice(at)],
      indices: randomIndices([...batch, indexed.length], largest, seed),
      seed,
      dtype,
    };
  });

describe("gather", () => {
  test("random addressing", () => {
    fc.assert(
      fc.property(addressings, (a) => {
        const x = randomTensor({ shape: a.shape, dtype: a.dtype }, a.seed + 1, "special");
        expectLikeHost("gather", gatherKernels, [x, a.indices], {
          offsetDims: a.windowDims,
          collapsedSliceDims: a.dropped,
          operandBatchingDims: a.batchingDims,
          indicesBatchingDims: a.indicesBatchingDims,
          startIndexMap: a.indexed,
          sliceSizes: a.window,
        });
      }),
      { numRuns: 300 },
    );
  });

  test.for([1, 3, 4, 7, 16, 33, 64, 65, 100])("rows of %i elements", (width) => {
    for (const dtype of DTYPES) {
      const x = randomTensor({ shape: [7, width], dtype }, width, "any");
      expectLikeHost("gather", gatherKernels, [x, randomIndices([9, 1], 7, width)], rows(width));
    }
  });

  test("many rows in several chunks", () => {
    const x = randomTensor({ shape: [50, 64], dtype: "f32" }, 1, "any");
    const indices = randomIndices([5000, 1], 50, 2);
    const [kernel] = expectLikeHost("gather", gatherKernels, [x, indices], rows(64));
    expect(kernel!.chunks).toBeGreaterThan(1);
  });
});

const rows = (width: number) => ({
  offsetDims: [1],
  collapsedSliceDims: [0],
  operandBatchingDims: [],
  indicesBatchingDims: [],
  startIndexMap: [0],
  sliceSizes: [1, width],
});

const scatterRows = (kind: "add" | "set") => ({
  kind,
  updateWindowDims: [1],
  insertedWindowDims: [0],
  inputBatchingDims: [],
  indicesBatchingDims: [],
  scatterDimsToOperandDims: [0],
});

describe.for(["add", "set"] as const)("scatter %s", (kind) => {
  test("random addressing", () => {
    fc.assert(
      fc.property(addressings, fc.boolean(), (a, inPlace) => {
        const x = randomTensor({ shape: a.shape, dtype: a.dtype }, a.seed + 1, "special");
        const update = { shape: a.updateShape, dtype: a.dtype };
        const inputs = [x, a.indices, randomTensor(update, a.seed + 2, "few")];
        const attrs = {
          kind,
          updateWindowDims: a.windowDims,
          insertedWindowDims: a.dropped,
          inputBatchingDims: a.batchingDims,
          indicesBatchingDims: a.indicesBatchingDims,
          scatterDimsToOperandDims: a.indexed,
        };
        expectLikeHost("scatter", scatterKernels, inputs, attrs, { tolerance: TOLERANCE, inPlace });
      }),
      { numRuns: 300 },
    );
  });

  test.for([1, 3, 4, 7, 16, 33, 64, 65, 100, 300])("rows of %i elements", (width) => {
    for (const dtype of DTYPES) {
      const x = randomTensor({ shape: [5, width], dtype }, width, "any");
      const updates = randomTensor({ shape: [9, width], dtype }, width + 1, "any");
      const inputs = [x, randomIndices([9, 1], 5, width), updates];
      const options = { tolerance: TOLERANCE };
      expectLikeHost("scatter", scatterKernels, inputs, scatterRows(kind), options);
    }
  });

  test("many rows in several chunks", () => {
    const x = randomTensor({ shape: [1000, 64], dtype: "i32" }, 1, "any");
    const updates = randomTensor({ shape: [2000, 64], dtype: "i32" }, 2, "any");
    const inputs = [x, randomIndices([2000, 1], 1000, 3), updates];
    const kernels = expectLikeHost("scatter", scatterKernels, inputs, scatterRows(kind));
    expect(kernels[1]!.chunks).toBeGreaterThan(1);
  });

  test("blocks that move along the axis they cover stay in order", () => {
    const attrs = {
      kind,
      updateWindowDims: [1],
      insertedWindowDims: [],
      inputBatchingDims: [],
      indicesBatchingDims: [],
      scatterDimsToOperandDims: [0],
    };
    const x = randomTensor({ shape: [300], dtype: "i32" }, 1, "any");
    const updates = randomTensor({ shape: [900, 256], dtype: "i32" }, 2, "any");
    const inputs = [x, randomIndices([900, 1], 44, 3), updates];
    expectLikeHost("scatter", scatterKernels, inputs, attrs);
  });
});

/** A block that fits into a shape, and starts that need not. */
const block = (shape: Shape, parts: readonly number[], seed: number) => ({
  sizes: shape.map((size, i) => Math.min(size, parts[i] ?? size)),
  starts: shape.map((size, i): HostTensor => randomIndices([], size, `${seed} ${i}`)),
});

describe("dynamic slices", () => {
  test("random slices and updates", () => {
    fc.assert(
      fc.property(
        sizes,
        sizes,
        dtypes,
        seeds,
        fc.boolean(),
        (shape, parts, dtype, seed, inPlace) => {
          const x = randomTensor({ shape, dtype }, seed, "special");
          const { sizes, starts } = block(shape, parts, seed);
          expectLikeHost("dynamic_slice", dynamicSliceKernels, [x, ...starts], { sizes });
          const update = randomTensor({ shape: sizes, dtype }, seed + 1, "special");
          const inputs = [x, update, ...starts];
          expectLikeHost(
            "dynamic_update_slice",
            dynamicUpdateSliceKernels,
            inputs,
            {},
            { inPlace },
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test.for([
    [
      [4, 500, 200],
      [2, 500, 200],
    ],
    [
      [600, 600],
      [512, 401],
    ],
    [[300_000], [262_144]],
  ] as const)("%s in several chunks", ([shape, sizes]) => {
    const x = randomTensor({ shape, dtype: "u32" }, 1, "any");
    const starts = shape.map((_, i): HostTensor => randomIndices([], 40, i));
    const slices = expectLikeHost("dynamic_slice", dynamicSliceKernels, [x, ...starts], { sizes });
    const update = randomTensor({ shape: sizes, dtype: "u32" }, 2, "any");
    const inputs = [x, update, ...starts];
    const lower = dynamicUpdateSliceKernels;
    const updates = expectLikeHost("dynamic_update_slice", lower, inputs, {});
    for (const { chunks } of [...slices, ...updates]) expect(chunks).toBeGreaterThan(1);
  });
});
