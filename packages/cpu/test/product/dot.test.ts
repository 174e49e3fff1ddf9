import {
  type DotDims,
  type HostTensor,
  hostTensor,
  type TensorType,
} from "@layerwise/autodiff/executor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dotKernels } from "../../src/product/dot.ts";
import type { ProductOptions } from "../../src/product/library.ts";
import { features } from "../../src/wasm/features.ts";
import { allCases, generator, sampleInputs } from "../support/autodiff.ts";
import { errorOf, nodeOf, type Run, runNodes } from "./support.ts";

// Oracle: the host's dot_general in float64; errors relative to the sum of |a||b|.
const TOLERANCE = 1e-6;

const f32 = (...shape: number[]): TensorType => ({ dtype: "f32", shape });

const dims = (lhs: number, rhs: number, batch = 0): DotDims => ({
  lhsBatch: Array.from({ length: batch }, (_, i) => i),
  rhsBatch: Array.from({ length: batch }, (_, i) => i),
  lhsContracting: [lhs + batch],
  rhsContracting: [rhs + batch],
});

const sample = (type: TensorType, seed: string): HostTensor => {
  const random = generator(seed);
  const size = type.shape.reduce((n, d) => n * d, 1);
  return hostTensor(
    type,
    Float64Array.from({ length: size }, () => Math.fround(2 * random() - 1)),
  );
};

const LAYOUTS = {
  NN: [1, 0],
  NT: [1, 1],
  TN: [0, 0],
  TT: [0, 1],
} as const;
type Layout = keyof typeof LAYOUTS;

const product = (layout: Layout, m: number, k: number, n: number, batch: number[] = []) => {
  const [lhs, rhs] = LAYOUTS[layout];
  const types = [
    f32(...batch, ...(lhs === 1 ? [m, k] : [k, m])),
    f32(...batch, ...(rhs === 0 ? [k, n] : [n, k])),
  ];
  const node = nodeOf("dot_general", dims(lhs, rhs, batch.length), types);
  const inputs = types.map((t, i) => sample(t, `${layout} ${m} ${k} ${n} ${i}`));
  return { node, inputs };
};

const worst = (runs: readonly Run<"dot_general">[], options?: ProductOptions): number =>
  Math.max(
    ...runNodes(dotKernels, runs, options).map((y, i) => errorOf(runs[i] as Run<"dot_general">, y)),
  );

const variants: [string, ProductOptions][] = [
  ["without fma", { fma: false }],
  ...(features().fma ? ([["with fma", { fma: true }]] as [string, ProductOptions][]) : []),
];
const SIZES = Array.from({ length: 67 }, (_, i) => i + 1);
const layouts = Object.keys(LAYOUTS) as Layout[];

describe.each(variants)("%s", (_, options) => {
  test.each(layouts)("all sizes from 1 to 67, %s", (layout) => {
    expect(
      worst(
        SIZES.map((m) => product(layout, m, 13, 21)),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
    expect(
      worst(
        SIZES.map((k) => product(layout, 15, k, 19)),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
    expect(
      worst(
        SIZES.map((n) => product(layout, 11, 17, n)),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
  });

  test.each(layouts)("products of several chunks, %s", (layout) => {
    const runs = [
      product(layout, 127, 131, 129),
      product(layout, 301, 65, 83),
      product(layout, 431, 150, 17),
      product(layout, 20, 203, 300),
      product(layout, 70, 40, 67, [3, 2]),
      product(layout, 5, 7, 9, [60]),
      product(layout, 33, 40, 100, [20]),
    ];
    expect(worst(runs, options)).toBeLessThan(TOLERANCE);
  });

  test.each(layouts)("deep products are computed in pieces, %s", (layout) => {
    const runs = [
      product(layout, 13, 2051, 21),
      product(layout, 7, 1025, 68),
      product(layout, 40, 4500, 9),
      product(layout, 3, 20000, 6),
    ];
    expect(worst(runs, options)).toBeLessThan(TOLERANCE);
  });

  test.each(layouts)("matrix and vector, %s", (layout) => {
    const sizes = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 48, 51, 67, 130];
    expect(
      worst(
        sizes.map((m) => product(layout, m, 37, 1)),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
    expect(
      worst(
        sizes.map((n) => product(layout, 1, 37, n)),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
    expect(
      worst(
        sizes.map((k) => product(layout, 50, k, 1)),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
    expect(
      worst(
        sizes.map((k) => product(layout, 1, k, 1, [3])),
        options,
      ),
    ).toBeLessThan(TOLERANCE);
    const chunks = [product(layout, 3000, 170, 1), product(layout, 1, 170, 3000)];
    expect(worst(chunks, options)).toBeLessThan(TOLERANCE);
  });

  test("the tile for V8's revectorizer computes the same", () => {
    const tile = { rows: 5, columns: 16 };
    const runs = layouts.flatMap((layout) =>
      [1, 3, 4, 5, 15, 16, 17, 33, 47].map((n) => product(layout, n + 6, 21, n)),
    );
    expect(worst(runs, { ...options, tile })).toBeLessThan(TOLERANCE);
  });
});

test("cases of dot_general agree with the host", () => {
  for (const c of allCases) {
    if (c.op !== "dot_general") continue;
    const run = {
      node: nodeOf(
        c.op,
        c.attrs,
        c.operands.map((x) => x.type),
      ),
      inputs: sampleInputs(c),
    };
    expect(worst([run]), c.title).toBeLessThan(TOLERANCE);
  }
});

test("any order of batch, free and contracted axes, and all dtypes, agree with the host", () => {
  const axis = fc.record({
    kind: fc.constantFrom("batch", "lhs", "rhs", "sum"),
    size: fc.integer({ min: 1, max: 5 }),
  });
  const dtype = fc.constantFrom("f32", "f32", "i32", "u32", "bool");
  const seeds = fc.tuple(fc.array(axis, { maxLength: 6 }), fc.nat(), fc.nat(), dtype);
  fc.assert(
    fc.property(seeds, ([axes, s, t, type]) => {
      const shuffled = (kinds: readonly string[], seed: number): number[] => {
        const random = generator(seed);
        return axes
          .map((_, i) => i)
          .filter((i) => kinds.includes(axes[i]?.kind ?? ""))
          .map((i) => [random(), i] as const)
          .sort(([a], [b]) => a - b)
          .map(([, i]) => i);
      };
      const lhs = shuffled(["batch", "lhs", "sum"], s);
      const rhs = shuffled(["batch", "rhs", "sum"], t);
      const places = (side: readonly number[], kind: string): number[] =>
        axes.flatMap((a, i) => (a.kind === kind ? [side.indexOf(i)] : []));
      const types = [lhs, rhs].map((side) => ({
        dtype: type,
        shape: side.map((i) => axes[i]?.size ?? 1),
      }));
      const attrs = {
        lhsBatch: places(lhs, "batch"),
        rhsBatch: places(rhs, "batch"),
        lhsContracting: places(lhs, "sum"),
        rhsContracting: places(rhs, "sum"),
      };
      const inputs = types.map((x, i) => {
        const data = sample(x, `${s} ${t} ${i}`).data;
        if (type === "f32") return hostTensor(x, data);
        return hostTensor(
          x,
          data.map((v) => (type === "bool" ? Number(v > 0.6) : v * 2 ** 31)),
        );
      });
      expect(worst([{ node: nodeOf("dot_general", attrs, types), inputs }])).toBeLessThan(
        TOLERANCE,
      );
    }),
    { numRuns: 100, seed: 7 },
  );
});

test.each(variants)(
  "NaN and infinities reach exactly the elements they belong to, %s",
  (_, options) => {
    for (const [m, k, n] of [
      [13, 9, 21],
      [13, 9, 1],
      [1, 9, 21],
    ] as const) {
      for (const layout of layouts) {
        const { node, inputs } = product(layout, m, k, n);
        const [x, y] = inputs as [HostTensor, HostTensor];
        x.data[x.data.length - 1] = Number.NaN;
        x.data[0] = Number.POSITIVE_INFINITY;
        y.data[y.data.length - 1] = Number.NEGATIVE_INFINITY;
        expect(worst([{ node, inputs }], options)).toBeLessThan(TOLERANCE);
      }
    }
  },
);

test("sizes of 0", () => {
  const runs = [
    product("NN", 0, 3, 4),
    product("NN", 3, 0, 40),
    product("NN", 3, 4, 0),
    product("NN", 2, 2, 2, [0]),
  ];
  expect(worst(runs)).toBe(0);
});
