import { grad, random } from "@layerwise/autodiff";
import { dropout } from "@layerwise/dropout";
import type { Layer } from "@layerwise/layers";
import { dense, sequential } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const variables = { params: null, state: null };

test.each([0.1, 0.5, 0.9])("rate %d: drops that fraction and keeps the mean", (rate) => {
  const n = 100_000;
  const y = [...dropout(random.key(11), tf.ones([n]), rate).dataSync()];
  const kept = y.filter((v) => v !== 0).length / n;
  // Four standard deviations of a binomial fraction.
  const tolerance = 4 * Math.sqrt((rate * (1 - rate)) / n);
  expect(Math.abs(kept - (1 - rate))).toBeLessThan(tolerance);
  const mean = y.reduce((a, b) => a + b, 0) / n;
  expect(Math.abs(mean - 1)).toBeLessThan(tolerance / (1 - rate));
  const values = new Set(y);
  expect(values.size).toBe(2);
  expect([...values].every((v) => v === 0 || Math.abs(v * (1 - rate) - 1) < 1e-6)).toBe(true);
});

test("rate 0 is the identity and rate 1 gives zeros, exactly, with finite gradients", () => {
  const x = tf.tensor1d([1, -2, Infinity, 1e30]);
  expect([...dropout(random.key(0), x, 0).dataSync()]).toEqual([...x.dataSync()]);
  expect([...dropout(random.key(0), x, 1).dataSync()]).toEqual([0, 0, 0, 0]);
  const finite = tf.tensor1d([1, -2, 3]);
  const slope = (rate: number) =>
    grad((v: tf.Tensor) => tf.sum(dropout(random.key(0), v, rate)))(finite);
  expect([...slope(0).dataSync()]).toEqual([1, 1, 1]);
  expect([...slope(1).dataSync()]).toEqual([0, 0, 0]);
});

test("a dropped infinity becomes zero, not NaN", () => {
  const y = dropout(random.key(3), tf.fill([64], Infinity), 0.5).dataSync();
  expect(new Set(y)).toEqual(new Set([0, Infinity]));
});

test("the gradient is the mask over 1 − rate: the same mask as the value's", () => {
  const x = tf.ones([200]);
  const key = random.key(5);
  const slope = grad((v: tf.Tensor) => tf.sum(dropout(key, v, 0.25)))(x);
  expect(maxDifference(slope, dropout(key, x, 0.25).arraySync())).toBeLessThan(1e-6);
});

test("equal keys give equal masks, different keys independent ones", () => {
  const n = 40_000;
  const x = tf.ones([n]);
  const draw = (seed: number) => dropout(random.key(seed), x, 0.5).dataSync();
  expect(draw(1)).toEqual(draw(1));
  const [a, b] = [draw(1), draw(2)];
  const together = a.filter((v, i) => v > 0 && (b[i] ?? 0) > 0).length / n;
  expect(Math.abs(together - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / n));
});

test("the layer drops in training only, like the function with the same key", () => {
  const layer = dropout({ rate: 0.5 });
  expectTypeOf(layer).toExtend<Layer<null, null>>();
  expect([layer.kind, layer.outputShape([3, 4])]).toEqual(["dropout", [3, 4]]);
  expect(layer.init(random.key(0), [4])).toEqual(variables);
  expect(Object.isFrozen(layer)).toBe(true);
  const x = tf.range(1, 33);
  const key = random.key(9);
  const trained = layer.apply(variables, x, { key, training: true });
  expect(maxDifference(trained.y, dropout(key, x, 0.5).arraySync())).toBe(0);
  expect(trained.state).toBeNull();
  for (const options of [undefined, {}, { training: false }, { key }]) {
    const { y } = layer.apply(variables, x, options);
    expect(y).not.toBe(x);
    expect(maxDifference(y, x.arraySync())).toBe(0);
  }
});

test("values along shared axes are kept or dropped together; negative axes count from the end", () => {
  const options = { key: random.key(9), training: true };
  const draw = (sharedAxes: readonly number[]) =>
    dropout({ rate: 0.5, sharedAxes }).apply(variables, tf.ones([40, 3]), options).y;
  const rows = draw([-1]).arraySync() as number[][];
  expect(rows.every((row) => new Set(row).size === 1)).toBe(true);
  expect(new Set(rows.flat())).toEqual(new Set([0, 2]));
  expect(maxDifference(draw([1]), rows)).toBe(0);
  expect(new Set(draw([0, 1]).dataSync()).size).toBe(1);
});

test("a missing key in training is an error that names the layer and the remedy", () => {
  const net = sequential({ fc: dense({ units: 2 }), drop: dropout({ rate: 0.5 }) });
  const made = net.init(random.key(0), [3]);
  expect(() => net.apply(made, tf.ones([1, 3]), { training: true })).toThrow(
    "drop (dropout): expected a random key in training, got none: pass { key: random.key(seed)",
  );
  const key = random.key(1);
  expect(net.apply(made, tf.ones([1, 3]), { key, training: true }).y.shape).toEqual([1, 2]);
});

test("a rate outside [0, 1] is refused by both forms", () => {
  const message = "dropout: expected a rate in [0, 1], got ";
  expect(() => dropout({ rate: 1.5 })).toThrow(`${message}1.5`);
  expect(() => dropout(random.key(0), tf.ones([1]), -0.1)).toThrow(`${message}-0.1`);
  expect(() => dropout({ rate: Number.NaN })).toThrow(`${message}NaN`);
});

test("nothing but the result is left behind; types keep the rank", () => {
  const key = random.key(0);
  const x = tf.ones([3, 4]) as tf.Tensor2D;
  for (const rate of [0, 0.5, 1]) {
    const before = alive();
    const y = dropout(key, x, rate);
    expectTypeOf(y).toEqualTypeOf<tf.Tensor2D>();
    dropout({ rate }).apply(variables, x, { key, training: true });
    expect(alive()).toBe(before + 2);
  }
});
