import { compile, grad, random, treeTidy } from "@layerwise/autodiff";
import {
  type Alignment,
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  type Layer,
  maxPool1d,
  maxPool2d,
  maxPoolWithIndices,
  maxUnpool,
  mirrorPadding,
  upsample1d,
  upsample2d,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/pooling.json" with { type: "json" };
import { alive, maxDifference } from "./setup.ts";
import { agreesWithTorch, type GoldenCase } from "./support/torch.ts";

/** What the fixture does: pools, squares and puts back. */
function squareWhereLargest(options: { readonly poolSize: number }): Layer {
  return {
    kind: "maxUnpool",
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        const { y, indices } = maxPoolWithIndices(x as tf.Tensor4D, options);
        return { y: maxUnpool(tf.mul(y, y), indices, x.shape.slice(1)), state };
      }),
    outputShape: (inputShape) => inputShape,
  };
}

const layers: Readonly<Record<string, (options: never) => Layer>> = {
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  maxUnpool: squareWhereLargest,
  mirrorPadding,
  upsample1d,
  upsample2d,
};

describe("torch 1.13 in float64", () => {
  for (const found of golden.cases as readonly GoldenCase[]) {
    const make = layers[found.layer];
    if (make === undefined) throw new Error(`no layer ${found.layer}`);
    agreesWithTorch(found, make(found.options as never));
  }
});

const none = { params: null, state: null };
const images = (n: number, ...shape: [number, number, number]) =>
  random.normal(random.key(n), [2, ...shape]) as tf.Tensor4D;

test("equal elements: the first gets the gradient of a pooled maximum, all share a global one", () => {
  const x = tf.tensor4d([1, 1, 1, 0], [1, 2, 2, 1]);
  const slope = (layer: Layer) => [
    ...grad((v: tf.Tensor) => tf.sum(layer.apply(none, v).y))(x).dataSync(),
  ];
  expect(slope(maxPool2d({ poolSize: 2 }))).toEqual([1, 0, 0, 0]);
  expect(maxDifference(tf.tensor1d(slope(globalMaxPool())), [1 / 3, 1 / 3, 1 / 3, 0])).toBeLessThan(
    1e-7,
  );
});

test("adaptive parts are global ones for one part, and plain ones where they divide", () => {
  const x = images(1, 4, 6, 2);
  const one = adaptiveAveragePool2d({ size: 1 }).apply(none, x).y;
  const whole = globalAveragePool({ keepAxes: true }).apply(none, x).y;
  expect(maxDifference(one, whole.arraySync())).toBeLessThan(1e-6);
  const divided = adaptiveMaxPool2d({ size: [2, 3] }).apply(none, x).y;
  expect(maxDifference(divided, maxPool2d({ poolSize: 2 }).apply(none, x).y.arraySync())).toBe(0);
  const more = adaptiveAveragePool1d({ size: 4 }).apply(none, tf.tensor3d([1, 2], [1, 2, 1]));
  expect([...more.y.dataSync()]).toEqual([1, 1, 2, 2]);
});

test("padding never is the maximum and never counts in the mean, unless it is asked to", () => {
  const x = tf.fill([1, 2, 2, 1], -4);
  const options = { poolSize: 2, padding: 1 } as const;
  expect([...maxPool2d(options).apply(none, x).y.dataSync()]).toEqual([-4, -4, -4, -4]);
  expect([...averagePool2d(options).apply(none, x).y.dataSync()]).toEqual([-4, -4, -4, -4]);
  const counted = averagePool2d({ ...options, includePadding: true }).apply(none, x).y;
  expect([...counted.dataSync()]).toEqual([-1, -1, -1, -1]);
});

test("values far away pool without harm", () => {
  const x = tf.tensor3d([1000, -1000, 50, -50, 0, 1e30], [1, 6, 1]);
  const means = (v: tf.Tensor) => averagePool1d({ poolSize: 2 }).apply(none, v).y;
  expect([...means(x).dataSync()].slice(0, 2)).toEqual([0, 0]);
  const largest = (v: tf.Tensor) => tf.sum(maxPool1d({ poolSize: 3 }).apply(none, v).y);
  expect([...grad(largest)(x).dataSync()]).toEqual([1, 0, 0, 0, 0, 1]);
});

test("indices count through one image as TensorFlow's do, and pick out the maxima", () => {
  const x = images(1, 4, 6, 3);
  const { y, indices } = maxPoolWithIndices(x, { poolSize: [2, 3] });
  expect([y.shape, indices.shape, indices.dtype]).toEqual([[2, 2, 2, 3], [2, 2, 2, 3], "int32"]);
  const [flat, places, largest] = [x, indices, y].map((t) => [...t.dataSync()]);
  places?.forEach((place, i) => {
    const image = Math.floor(i / 12);
    expect(flat?.[image * 72 + place]).toBe(largest?.[i]);
    expect(place % 3).toBe(i % 3);
  });
  const pooled = maxPool2d({ poolSize: [2, 3] }).apply(none, x).y;
  expect(maxDifference(pooled, y.arraySync())).toBe(0);
});

test("unpooling is the transpose of the gather that pooling is; overlapping windows add", () => {
  const x = images(1, 5, 5, 2);
  const options = { poolSize: 3, strides: 1 };
  const { y, indices } = maxPoolWithIndices(x, options);
  const gradient = grad((v: tf.Tensor4D) => tf.sum(maxPoolWithIndices(v, options).y))(x);
  const ones = maxUnpool(tf.onesLike(y), indices, [5, 5, 2]);
  expect(maxDifference(ones, gradient.arraySync())).toBe(0);
  expect(Math.max(...ones.dataSync())).toBeGreaterThan(1);
});

test("pooling with indices and unpooling compute the same compiled, and leave nothing behind", () => {
  const x = images(1, 4, 4, 2);
  const both = (v: tf.Tensor4D) => {
    const { y, indices } = maxPoolWithIndices(v, { poolSize: 2, padding: "same", strides: 2 });
    return { y, indices, back: maxUnpool(y, indices, [4, 4, 2]) };
  };
  const before = alive();
  const eager = both(x);
  expect(alive()).toBe(before + 3);
  const fast = compile(both);
  const compiled = fast(x);
  for (const name of ["y", "indices", "back"] as const) {
    expect(maxDifference(compiled[name], eager[name].arraySync())).toBe(0);
  }
  fast.dispose();
});

test("global pooling takes any number of spatial axes; kept axes have size 1", () => {
  const x = random.normal(random.key(1), [2, 3, 2, 2, 4]);
  const { y } = globalAveragePool().apply(none, x);
  expect(maxDifference(y, tf.mean(x, [1, 2, 3]).arraySync())).toBe(0);
  const first = globalAveragePool({ channelsFirst: true, keepAxes: true });
  expect(first.apply(none, x).y.shape).toEqual([2, 3, 1, 1, 1]);
  expect(first.outputShape([3, 2, 2, 4])).toEqual([3, 1, 1, 1]);
  expect(globalMaxPool({ channelsFirst: true }).outputShape([3, 2, 2])).toEqual([3]);
});

test("alignments by the definitions: a line stays a line between its ends", () => {
  const line = tf.tensor3d([0, 2, 4], [1, 3, 1]);
  const run = (alignment: Alignment) => [
    ...upsample1d({ size: 6, mode: "linear", alignment }).apply(none, line).y.dataSync(),
  ];
  const inside = (list: number[]) => list.map((v) => Math.min(4, Math.max(0, v)));
  const ideal = (f: (i: number) => number) => inside([0, 1, 2, 3, 4, 5].map((i) => 2 * f(i)));
  expect(
    maxDifference(
      tf.tensor1d(run("halfPixel")),
      ideal((i) => (i + 0.5) / 2 - 0.5),
    ),
  ).toBeLessThan(1e-6);
  expect(
    maxDifference(
      tf.tensor1d(run("corners")),
      ideal((i) => (i * 2) / 5),
    ),
  ).toBeLessThan(1e-6);
  expect(
    maxDifference(
      tf.tensor1d(run("asymmetric")),
      ideal((i) => i / 2),
    ),
  ).toBeLessThan(1e-6);
});

test("upsampling by a factor, then averaging, is the identity", () => {
  const x = images(1, 3, 2, 2);
  const large = upsample2d({ factor: [2, 3] }).apply(none, x).y;
  const { y } = averagePool2d({ poolSize: [2, 3] }).apply(none, large);
  expect(maxDifference(y, x.arraySync())).toBeLessThan(1e-6);
});

test("errors name what was wanted and what was given", () => {
  expect(() => maxPool2d({ poolSize: 2, padding: 2 })).toThrow(
    "maxPool2d: expected padding less than the window 2, got 2",
  );
  expect(() => maxPool2d({ poolSize: 0 })).toThrow(
    "maxPool2d: expected poolSize: 2 positive whole numbers, got 0",
  );
  expect(() => maxPool1d({ poolSize: 5 }).outputShape([4, 1])).toThrow(
    "maxPool1d: expected spatial axis 0 to have at least 5 elements, got 4 (spatial axes [4])",
  );
  expect(() => globalMaxPool().apply(none, tf.ones([2, 3]))).toThrow(
    "globalMaxPool: expected input [batch, ..., channels], got [2, 3]",
  );
  expect(() => upsample2d({})).toThrow(
    "upsample2d: expected either factor or size, got undefined and undefined",
  );
  expect(() => upsample1d({ size: 3, alignment: "middle" as never })).toThrow(
    "upsample1d: expected one of halfPixel, corners, asymmetric, got middle",
  );
  expect(() => upsample1d({ size: 3, mode: "cubic" as never })).toThrow(
    "upsample1d: expected mode nearest or linear, got cubic",
  );
  expect(() => maxPoolWithIndices(tf.ones([2, 3]) as never, { poolSize: 1 })).toThrow(
    "maxPoolWithIndices: expected input [batch, height, width, channels], got [2, 3]",
  );
  const y = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
  expect(() => maxUnpool(y, tf.zeros([1, 2, 1, 1], "int32") as tf.Tensor4D, [4, 4, 1])).toThrow(
    "got [1, 2, 2, 1], [1, 2, 1, 1], [4, 4, 1]",
  );
});
