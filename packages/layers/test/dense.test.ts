import { grad, random, treeDispose } from "@layerwise/autodiff";
import { constant, dense, ones } from "@layerwise/layers";
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
  expect(() => layer.init(random.key(0), [])).toThrow(
    "dense: expected input shape [..., inputs], got []",
  );
  expect(() => dense({ units: 0 })).toThrow(
    "dense: expected a positive whole number of units, got 0",
  );
});
