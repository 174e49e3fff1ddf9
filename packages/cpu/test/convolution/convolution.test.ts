import {
  type ConvAttrs,
  type ConvDims,
  type HostTensor,
  hostTensor,
  type TensorType,
} from "@layerwise/autodiff/executor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { convolutionKernels } from "../../src/convolution/convolution.ts";
import { errorOf, nodeOf, type Run, runNodes } from "../product/support.ts";
import { allCases, generator, sampleInputs } from "../support/autodiff.ts";

// Oracle: the host's convolution in float64; errors relative to the sum of |a||b|.
const TOLERANCE = 1e-6;

const sample = (type: TensorType, seed: string): HostTensor => {
  const random = generator(seed);
  const size = type.shape.reduce((n, d) => n * d, 1);
  const scale = type.dtype === "f32" ? 1 : 2 ** 31;
  const data = Float64Array.from({ length: size }, () => Math.fround(scale * (2 * random() - 1)));
  return hostTensor(type, data);
};

const run = (
  attrs: ConvAttrs,
  lhs: readonly number[],
  rhs: readonly number[],
  dtype: TensorType["dtype"] = "f32",
): Run<"convolution"> => {
  const types = [lhs, rhs].map((shape) => ({ dtype, shape }));
  const node = nodeOf("convolution", attrs, types);
  return { node, inputs: types.map((t, i) => sample(t, `${lhs} ${rhs} ${i}`)) };
};

const worst = (runs: readonly Run<"convolution">[]): number =>
  Math.max(
    ...runNodes(convolutionKernels, runs).map((y, i) => errorOf(runs[i] as Run<"convolution">, y)),
  );

const attrsOf = (dims: ConvDims, given: Partial<ConvAttrs> = {}): ConvAttrs => ({
  dims,
  strides: dims.lhsSpatial.map(() => 1),
  padding: dims.lhsSpatial.map(() => [0, 0] as const),
  lhsDilation: dims.lhsSpatial.map(() => 1),
  rhsDilation: dims.lhsSpatial.map(() => 1),
  featureGroups: 1,
  batchGroups: 1,
  ...given,
});

const NHWC: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 3,
  lhsSpatial: [1, 2],
  rhsInputFeature: 2,
  rhsOutputFeature: 3,
  rhsSpatial: [0, 1],
  outBatch: 0,
  outFeature: 3,
  outSpatial: [1, 2],
};
const NCHW: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 1,
  lhsSpatial: [2, 3],
  rhsInputFeature: 1,
  rhsOutputFeature: 0,
  rhsSpatial: [2, 3],
  outBatch: 0,
  outFeature: 1,
  outSpatial: [2, 3],
};
/** What the gradient of an NHWC convolution's kernel is made of. */
const KERNEL_GRADIENT: ConvDims = {
  lhsBatch: 3,
  lhsFeature: 0,
  lhsSpatial: [1, 2],
  rhsInputFeature: 0,
  rhsOutputFeature: 3,
  rhsSpatial: [1, 2],
  outBatch: 2,
  outFeature: 3,
  outSpatial: [0, 1],
};
/** The same for NCHW. */
const KERNEL_GRADIENT_NCHW: ConvDims = {
  lhsBatch: 1,
  lhsFeature: 0,
  lhsSpatial: [2, 3],
  rhsInputFeature: 0,
  rhsOutputFeature: 1,
  rhsSpatial: [2, 3],
  outBatch: 1,
  outFeature: 0,
  outSpatial: [2, 3],
};
const SAME = [
  [1, 1],
  [1, 1],
] as const;

test("cases of convolution agree with the host", () => {
  for (const c of allCases) {
    if (c.op !== "convolution") continue;
    const node = nodeOf(
      c.op,
      c.attrs,
      c.operands.map((x) => x.type),
    );
    expect(worst([{ node, inputs: sampleInputs(c) }]), c.title).toBeLessThan(TOLERANCE);
  }
});

test("usual layers, NHWC and NCHW", () => {
  const runs = [
    run(attrsOf(NHWC), [3, 28, 28, 1], [3, 3, 1, 32]),
    run(attrsOf(NHWC, { padding: SAME }), [2, 13, 13, 16], [3, 3, 16, 24]),
    run(attrsOf(NHWC, { padding: SAME, strides: [2, 2] }), [2, 14, 15, 8], [3, 3, 8, 10]),
    run(attrsOf(NHWC), [2, 9, 9, 20], [1, 1, 20, 30]),
    run(attrsOf(NHWC, { strides: [2, 2] }), [2, 9, 9, 20], [1, 1, 20, 30]),
    run(attrsOf(NHWC, { featureGroups: 20, padding: SAME }), [2, 9, 9, 20], [3, 3, 1, 20]),
    run(attrsOf(NHWC, { featureGroups: 2 }), [2, 9, 9, 20], [3, 3, 10, 12]),
    run(attrsOf(NHWC), [1, 6, 6, 130], [3, 3, 130, 7]),
    run(attrsOf(NHWC), [1, 12, 12, 40], [12, 12, 40, 5]),
    run(attrsOf(NCHW), [3, 1, 28, 28], [32, 1, 3, 3]),
    run(attrsOf(NCHW, { padding: SAME }), [2, 16, 13, 13], [24, 16, 3, 3]),
    run(attrsOf(NCHW, { padding: SAME, strides: [2, 2] }), [2, 8, 14, 15], [10, 8, 3, 3]),
    run(attrsOf(NCHW), [2, 20, 9, 9], [30, 20, 1, 1]),
    run(attrsOf(NCHW, { featureGroups: 20, padding: SAME }), [2, 20, 9, 9], [20, 1, 3, 3]),
    run(attrsOf(NCHW, { featureGroups: 2 }), [2, 20, 9, 9], [12, 10, 3, 3]),
  ];
  expect(worst(runs)).toBeLessThan(TOLERANCE);
});

test("gradients of layers", () => {
  const FULL = [
    [2, 3],
    [2, 3],
  ] as const;
  const runs = [
    run(attrsOf(NHWC, { lhsDilation: [2, 2], padding: FULL }), [2, 6, 6, 12], [3, 3, 12, 9]),
    run(attrsOf(NCHW, { lhsDilation: [2, 2], padding: FULL }), [2, 12, 6, 6], [9, 12, 3, 3]),
    run(attrsOf(KERNEL_GRADIENT, { padding: SAME }), [16, 14, 14, 9], [16, 14, 14, 12]),
    run(attrsOf(KERNEL_GRADIENT, { rhsDilation: [2, 2] }), [8, 13, 13, 5], [8, 6, 6, 12]),
    run(attrsOf(KERNEL_GRADIENT, { batchGroups: 9 }), [8, 13, 13, 9], [8, 11, 11, 9]),
    run(attrsOf(KERNEL_GRADIENT_NCHW, { padding: SAME }), [16, 9, 14, 14], [16, 12, 14, 14]),
    run(attrsOf(KERNEL_GRADIENT_NCHW, { rhsDilation: [2, 2] }), [8, 5, 13, 13], [8, 12, 6, 6]),
    run(attrsOf(KERNEL_GRADIENT), [40, 30, 30, 2], [40, 28, 28, 6]),
  ];
  expect(worst(runs)).toBeLessThan(TOLERANCE);
});

/** Random permutation of 0 … n − 1. */
const shuffled = (n: number, seed: number): number[] => {
  const random = generator(seed);
  return Array.from({ length: n }, (_, i) => [random(), i] as const)
    .sort(([a], [b]) => a - b)
    .map(([, i]) => i);
};

test("random attributes, axes in any order, agree with the host", () => {
  const small = (max: number) => fc.integer({ min: 1, max });
  const axis = fc.record({
    size: small(7),
    window: small(3),
    stride: small(3),
    low: fc.integer({ min: -2, max: 3 }),
    high: fc.integer({ min: -2, max: 3 }),
    lhsDilation: fc.constantFrom(1, 1, 2, 3),
    rhsDilation: fc.constantFrom(1, 1, 2),
  });
  const groups = fc.constantFrom([1, 1], [1, 1], [2, 1], [3, 1], [1, 2], [1, 3], [2, 3]);
  const given = fc.record({
    space: fc.array(axis, { maxLength: 3 }),
    batch: small(4),
    depth: small(6),
    features: small(6),
    groups,
    orders: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
    dtype: fc.constantFrom<("f32" | "i32" | "u32")[]>("f32", "f32", "f32", "i32", "u32"),
  });
  fc.assert(
    fc.property(given, ({ space, batch, depth, features, groups: [fg, bg], orders, dtype }) => {
      const [featureGroups, batchGroups] = [fg as number, bg as number];
      const rank = space.length + 2;
      const [l, r, o] = orders.map((seed) => shuffled(rank, seed)) as [
        number[],
        number[],
        number[],
      ];
      const attrs: ConvAttrs = {
        dims: {
          lhsBatch: l[0] as number,
          lhsFeature: l[1] as number,
          lhsSpatial: l.slice(2),
          rhsInputFeature: r[0] as number,
          rhsOutputFeature: r[1] as number,
          rhsSpatial: r.slice(2),
          outBatch: o[0] as number,
          outFeature: o[1] as number,
          outSpatial: o.slice(2),
        },
        strides: space.map((a) => a.stride),
        padding: space.map((a) => [a.low, a.high] as const),
        lhsDilation: space.map((a) => a.lhsDilation),
        rhsDilation: space.map((a) => a.rhsDilation),
        featureGroups,
        batchGroups,
      };
      const shape = (places: readonly number[], sizes: readonly number[]): number[] => {
        const result = new Array<number>(rank);
        places.forEach((p, i) => {
          result[p] = sizes[i] as number;
        });
        return result;
      };
      const lhs = shape(l, [
        batch * batchGroups,
        depth * featureGroups,
        ...space.map((a) => a.size),
      ]);
      const rhs = shape(r, [
        depth,
        features * featureGroups * batchGroups,
        ...space.map((a) => a.window),
      ]);
      expect(worst([run(attrs, lhs, rhs, dtype)])).toBeLessThan(TOLERANCE);
    }),
    { numRuns: 250, seed: 11 },
  );
});
