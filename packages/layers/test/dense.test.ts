import { grad, random, treeDispose } from "@layerwise/autodiff";
import {
  activation,
  constant,
  dense,
  denseTransposed,
  maxout,
  maxoutDense,
  ones,
  sequential,
  tie,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const kernel = tf.tensor2d([
  [1, 2, 3],
  [4, 5, 6],
]);
const bias = tf.tensor1d([10, 20, 30]);
const variables = { params: { kernel, bias }, state: null };

test("y = x W + b, worked by hand", () => {
  const layer = dense({ units: 3 });
  const { y, state } = layer.apply(
    variables,
    tf.tensor2d([
      [1, 1],
      [0, -1],
    ]),
  );
  expect(y.arraySync()).toEqual([
    [15, 27, 39],
    [6, 15, 24],
  ]);
  expect(state).toBeNull();
  const withoutBias = { params: { kernel, bias: null }, state: null };
  expect(layer.apply(withoutBias, tf.tensor2d([[1, 1]])).y.arraySync()).toEqual([[5, 7, 9]]);
});

test("further axes are batch axes: each row gets the same product", () => {
  const x = tf.reshape(tf.range(0, 12), [2, 3, 2]);
  const { y } = dense({ units: 3 }).apply(variables, x);
  expect(y.shape).toEqual([2, 3, 3]);
  const rows = dense({ units: 3 }).apply(variables, tf.reshape(x, [6, 2])).y;
  expect(maxDifference(y, rows.arraySync())).toBe(0);
});

test("gradients are xᵀ c and the column sums of c (closed form)", () => {
  const x = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  const cot = tf.tensor2d([
    [1, 0, -1],
    [2, 1, 0],
  ]);
  const loss = (params: typeof variables.params) =>
    tf.sum(tf.mul(dense({ units: 3 }).apply({ params, state: null }, x).y, cot));
  const got = grad(loss)(variables.params);
  expect(
    maxDifference(got.kernel, [
      [7, 3, -1],
      [10, 4, -2],
    ]),
  ).toBe(0);
  expect(maxDifference(got.bias, [3, 1, -1])).toBe(0);
});

test("init makes kernel [inputs, units] and bias [units], from separate keys, without leaks", () => {
  const before = alive();
  const key = random.key(7);
  const layer = dense({ units: 5, biasInit: constant(0.5) });
  const { params, state } = layer.init(key, [9, 4]);
  expect(alive()).toBe(before + 3);
  expectTypeOf(params.kernel).toEqualTypeOf<tf.Tensor2D>();
  expect([params.kernel.shape, params.bias?.shape, state]).toEqual([[4, 5], [5], null]);
  expect([...(params.bias?.dataSync() ?? [])]).toEqual(new Array(5).fill(0.5));
  const again = layer.init(key, [4]);
  expect(maxDifference(again.params.kernel, params.kernel.arraySync())).toBe(0);
  const other = layer.init(random.key(8), [4]);
  expect(maxDifference(other.params.kernel, params.kernel.arraySync())).toBeGreaterThan(0.01);
  expect(dense({ units: 5, useBias: false }).init(key, [4]).params.bias).toBeNull();
  treeDispose([key, params, again, other]);
});

test("apply makes only its output", () => {
  const layer = dense({ units: 3 });
  for (const x of [tf.ones([4, 2]), tf.ones([4, 3, 2])]) {
    const before = alive();
    layer.apply(variables, x);
    expect(alive()).toBe(before + 1);
  }
});

test("outputShape replaces the last axis", () => {
  expect(dense({ units: 3 }).outputShape([2])).toEqual([3]);
  expect(dense({ units: 3 }).outputShape([5, 2])).toEqual([5, 3]);
});

test("errors name what was wanted and what was given", () => {
  const layer = dense({ units: 3, kernelInit: ones });
  expect(() => layer.apply(variables, tf.ones([8, 4]))).toThrow(
    "dense: expected input [batch, ..., 2], got [8, 4]",
  );
  expect(() => layer.apply(variables, tf.ones([2]))).toThrow("got [2]");
  expect(() => dense({ units: 2 }).apply(variables, tf.ones([8, 2]))).toThrow(
    "dense: expected a kernel [inputs, 2], got [2, 3]",
  );
  expect(() => layer.init(random.key(0), [])).toThrow(
    "dense: expected input shape [..., inputs], got []",
  );
  expect(() => dense({ units: 0 })).toThrow(
    "dense: expected a positive whole number of units, got 0",
  );
});

test("denseTransposed is dense with the transposed kernel, gradients included", () => {
  const x = random.normal(random.key(1), [4, 3]);
  const layer = denseTransposed({ units: 2 });
  const plain = dense({ units: 2 });
  const lowBias = tf.tensor1d([10, 20]);
  const params = { kernel, bias: lowBias };
  const turned = { kernel: tf.transpose(kernel) as tf.Tensor2D, bias: lowBias };
  const loss = (l: typeof layer) => (p: typeof params) =>
    tf.sum(tf.square(l.apply({ params: p, state: null }, x).y));
  const [got, want] = [grad(loss(layer))(params), grad(loss(plain))(turned)];
  const { y } = layer.apply({ params, state: null }, x);
  expect(maxDifference(y, plain.apply({ params: turned, state: null }, x).y.arraySync())).toBe(0);
  const scale = tf.max(tf.abs(want.kernel)).dataSync()[0] ?? 1;
  expect(maxDifference(tf.transpose(got.kernel), want.kernel.arraySync()) / scale).toBeLessThan(
    1e-6,
  );
  expect(maxDifference(got.bias, want.bias.arraySync())).toBe(0);
  const seen: unknown[] = [];
  const made = denseTransposed({
    units: 2,
    kernelInit: (key, shape, fans) => {
      seen.push(fans);
      return ones(key, shape);
    },
  }).init(random.key(0), [3]);
  expect([made.params.kernel.shape, seen]).toEqual([[2, 3], [{ fanIn: 3, fanOut: 2 }]]);
  expect(() => layer.apply({ params, state: null }, tf.ones([8, 4]))).toThrow(
    "denseTransposed: expected input [batch, ..., 3], got [8, 4]",
  );
});

test("tied weights: one kernel in the tree, whose gradient is the sum over both its uses", () => {
  const net = sequential({
    encoder: dense({ units: 2 }),
    act: activation("tanh"),
    decoder: denseTransposed({ units: 4 }),
  });
  const tiedNet = tie(net, { "decoder.kernel": "encoder.kernel" });
  const { params, state } = tiedNet.init(random.key(0), [4]);
  expect(params.decoder.kernel).toBeNull();
  const x = random.normal(random.key(1), [5, 4]);
  const loss = (l: typeof net | typeof tiedNet) => (p: never) =>
    tf.sum(tf.square(l.apply({ params: p, state }, x).y));
  const whole = { ...params, decoder: { ...params.decoder, kernel: params.encoder.kernel } };
  const tiedSlopes = grad(loss(tiedNet))(params as never) as typeof params;
  const slopes = grad(loss(net))(whole as never) as typeof whole;
  const sum = tf.add(slopes.encoder.kernel, slopes.decoder.kernel);
  expect(maxDifference(tiedSlopes.encoder.kernel, sum.arraySync())).toBeLessThan(1e-5);
});

test("maxoutDense is maxout after dense: the largest of each unit's pieces", () => {
  const layer = maxoutDense({ units: 2, pieces: 3 });
  const made = layer.init(random.key(0), [4]);
  expect([made.params.kernel.shape, made.params.bias?.shape]).toEqual([[4, 6], [6]]);
  const x = random.normal(random.key(1), [5, 4]);
  const linear = dense({ units: 6 }).apply(made, x).y;
  const { y } = layer.apply(made, x);
  expect(maxDifference(y, maxout(linear, { pieces: 3 }).arraySync())).toBe(0);
  const rows = linear.arraySync() as number[][];
  const want = rows.map((row) => [Math.max(...row.slice(0, 3)), Math.max(...row.slice(3))]);
  expect(maxDifference(y, want)).toBe(0);
  expect(() => maxoutDense({ units: 2, pieces: 0 })).toThrow(
    "maxoutDense: expected a positive whole number of pieces, got 0",
  );
  expect(() => layer.apply(made, tf.ones([8, 3]))).toThrow(
    "maxoutDense: expected input [batch, ..., 4], got [8, 3]",
  );
});

test("|x| is a maxout unit with two pieces", () => {
  const layer = maxoutDense({ units: 1 });
  const params = { kernel: tf.tensor2d([[1, -1]]), bias: null };
  const { y } = layer.apply({ params, state: null }, tf.tensor2d([[-1000], [0], [50]]));
  expect([...y.dataSync()]).toEqual([1000, 0, 50]);
});
