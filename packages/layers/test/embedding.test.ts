import { grad, hvp, random } from "@layerwise/autodiff";
import { describe, embedding, ones } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { maxDifference } from "./setup.ts";

const table = tf.tensor2d([0, 1, 10, 11, 20, 21, 30, 31], [4, 2]);
const words = tf.tensor2d([2, 0, 2, 3, 3, 2], [2, 3], "int32");
const state = null;

test("y = table[x], for inputs of any rank", () => {
  const layer = embedding({ vocabulary: 4, units: 2 });
  const { y } = layer.apply({ params: { table }, state }, words);
  expect(y.arraySync()).toEqual([
    [
      [20, 21],
      [0, 1],
      [20, 21],
    ],
    [
      [30, 31],
      [30, 31],
      [20, 21],
    ],
  ]);
  expect(layer.outputShape([3])).toEqual([3, 2]);
  const flat = layer.apply({ params: { table }, state }, tf.tensor1d([1], "int32"));
  expect(flat.y.arraySync()).toEqual([[10, 11]]);
});

test("the gradient of the table is oneHotᵀ · cotangent: sums over the places of a symbol", () => {
  const layer = embedding({ vocabulary: 4, units: 2 });
  const cotangent = random.normal(random.key(1), [2, 3, 2]);
  const loss = (params: { readonly table: tf.Tensor2D }) =>
    tf.sum(tf.mul(layer.apply({ params, state }, words).y, cotangent));
  const hot = tf.reshape(tf.oneHot(words, 4), [6, 4]);
  const want = tf.matMul(tf.cast(hot, "float32"), tf.reshape(cotangent, [6, 2]), true);
  expect(maxDifference(grad(loss)({ table }).table, want.arraySync())).toBeLessThan(1e-6);
});

test("second derivatives pass through", () => {
  const layer = embedding({ vocabulary: 4, units: 2 });
  const loss = (params: { readonly table: tf.Tensor2D }) =>
    tf.sum(tf.pow(layer.apply({ params, state }, words).y, 3));
  const direction = { table: tf.onesLike(table) };
  const [product] = hvp(loss, [{ table }] as const, [direction] as const);
  const counts = tf.tensor2d([1, 0, 3, 2], [4, 1]);
  const want = tf.mul(tf.mul(table, 6), counts);
  expect(maxDifference(product.table, want.arraySync())).toBeLessThan(1e-3);
});

test("the padding symbol's vector is zero and has no gradient", () => {
  const layer = embedding({ vocabulary: 4, units: 2, paddingIndex: 2 });
  const apply = (params: { readonly table: tf.Tensor2D }) =>
    layer.apply({ params, state }, words).y;
  expect(apply({ table }).arraySync()).toEqual([
    [
      [0, 0],
      [0, 1],
      [0, 0],
    ],
    [
      [30, 31],
      [30, 31],
      [0, 0],
    ],
  ]);
  const slopes = grad((p: { readonly table: tf.Tensor2D }) => tf.sum(apply(p)))({ table });
  expect(slopes.table.arraySync()).toEqual([
    [1, 1],
    [0, 0],
    [0, 0],
    [2, 2],
  ]);
});

test("init draws the table from N(0, 1)", () => {
  const { params } = embedding({ vocabulary: 500, units: 20 }).init(random.key(3), [3]);
  expectTypeOf(params.table).toEqualTypeOf<tf.Tensor2D>();
  const { mean, variance } = tf.moments(params.table);
  // Four standard deviations of 10000 draws.
  expect(Math.abs(mean.dataSync()[0] ?? 1)).toBeLessThan(0.04);
  expect(Math.abs((variance.dataSync()[0] ?? 0) - 1)).toBeLessThan(0.057);
  const filled = embedding({ vocabulary: 2, units: 1, tableInit: ones }).init(random.key(3), []);
  expect([...filled.params.table.dataSync()]).toEqual([1, 1]);
});

test("a description knows its size and that it computes nothing", () => {
  const layer = embedding({ vocabulary: 4, units: 2 });
  const [row] = describe(layer, [3]);
  expect([row?.outputShape, row?.parameters, row?.flops, row?.activations]).toEqual([
    [3, 2],
    8,
    0,
    6,
  ]);
});

test("errors name what was wanted and what was given", () => {
  const layer = embedding({ vocabulary: 4, units: 2 });
  expect(() => layer.apply({ params: { table }, state }, tf.ones([2, 3]))).toThrow(
    "embedding: expected int32 input [batch, ...], got float32 [2, 3]",
  );
  expect(() => embedding({ vocabulary: 0, units: 2 })).toThrow(
    "embedding: expected a positive whole number of symbols, got 0",
  );
  expect(() => embedding({ vocabulary: 4, units: 2, paddingIndex: 4 })).toThrow(
    "embedding: expected paddingIndex in [0, 4), got 4",
  );
});
