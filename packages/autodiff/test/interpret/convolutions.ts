import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import { buildGraph } from "../../src/ir/builder.ts";
import { sizeOf } from "../../src/ir/shape.ts";
import type { ConvAttrs, Graph, Shape, Window } from "../../src/ir/types.ts";
import { vjpGraph } from "../../src/transform/index.ts";
import { generator } from "../support/random.ts";
import { counts, read, runTwice } from "./support.ts";

const pair = (max: number, min = 1) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const layer = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  size: pair(7, 3),
  features: fc.integer({ min: 1, max: 3 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  window: pair(3),
  strides: pair(2),
  dilation: pair(2),
  low: pair(1, 0),
  high: pair(1, 0),
  groups: fc.constantFrom("none", "depthwise", "two"),
  seed: fc.nat(),
});

const f32 = (shape: Shape) => ({ shape, dtype: "f32" as const });

/** Value and gradients of a convolution as image models have them. */
const convolutionGraph = (l: typeof layer extends fc.Arbitrary<infer T> ? T : never): Graph => {
  const features = l.groups === "two" ? 2 * l.features : l.features;
  const featureGroups = { none: 1, depthwise: features, two: 2 }[l.groups];
  const outputs = l.outputs * featureGroups;
  const attrs: ConvAttrs = {
    dims: {
      lhsBatch: 0,
      lhsFeature: 3,
      lhsSpatial: [1, 2],
      rhsInputFeature: 2,
      rhsOutputFeature: 3,
      rhsSpatial: [0, 1],
      outBatch: 0,
      outFeature: 3,
      outSpatial: [1, 2],
    },
    strides: l.strides,
    padding: [
      [l.low[0], l.high[0]],
      [l.low[1], l.high[1]],
    ],
    lhsDilation: [1, 1],
    rhsDilation: l.dilation,
    featureGroups,
    batchGroups: 1,
  };
  const x = f32([l.batch, ...l.size, features]);
  const w = f32([...l.window, features / featureGroups, outputs]);
  const forward = buildGraph([x, w], (b, [a, c]) => [b.conv(a!, c!, attrs)]);
  return vjpGraph(forward, [true, true]);
};

/** Value and gradient of max-pooling. */
const poolingGraph = (l: typeof layer extends fc.Arbitrary<infer T> ? T : never): Graph => {
  const w: Window = {
    dimensions: [1, ...l.window, 1],
    strides: [1, ...l.strides, 1],
    padding: [
      [0, 0],
      // A window of padding only has no maximum.
      [l.window[0] > 1 ? l.low[0] : 0, 0],
      [l.window[1] > 1 ? l.low[1] : 0, 0],
      [0, 0],
    ],
  };
  const x = f32([l.batch, ...l.size, l.features]);
  const forward = buildGraph([x], (b, [a]) => [
    b.one("reduce_window", [a!], { monoid: "maximum", ...w }),
  ]);
  return vjpGraph(forward, [true]);
};

/** Tests layers of image models and their gradients against float64 evaluation on the host. */
export const testConvolutions = (backend: string, numRuns: number, skip = false): void => {
  beforeAll(async () => {
    if (skip) return;
    await tf.setBackend(backend);
    await tf.ready();
  });
  const compare = async (graph: Graph, seed: number): Promise<void> => {
    const random = generator(seed);
    const inputs = graph.inputs.map(({ type }) =>
      hostTensor(
        type,
        Array.from({ length: sizeOf(type.shape) }, () => Math.fround(2 * random() - 1)),
      ),
    );
    const wanted = evaluateGraph(graph, inputs);
    const before = counts();
    const [first, second] = await runTwice(graph, inputs);
    const got = await Promise.all(first!.map((tensor, i) => read(tensor, wanted[i]!)));
    tf.dispose([...first!, ...second!]);
    // Sums of at most 200 products of numbers below 1 in single precision.
    wanted.forEach(({ data }, i) => {
      data.forEach((y, n) => {
        expect(Math.abs(got[i]![n]! - y)).toBeLessThanOrEqual(2e-5);
      });
    });
    expect(counts()).toEqual(before);
  };
  const options = { numRuns, seed: 3 };
  test.skipIf(skip)(`${backend}: convolutions and their gradients agree with the host`, () =>
    fc.assert(
      fc.asyncProperty(layer, (l) => compare(convolutionGraph(l), l.seed)),
      options,
    ),
  );
  test.skipIf(skip)(`${backend}: max-pooling and its gradient agree with the host`, () =>
    fc.assert(
      fc.asyncProperty(layer, (l) => compare(poolingGraph(l), l.seed)),
      options,
    ),
  );
};
