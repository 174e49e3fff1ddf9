import { random } from "@layerwise/autodiff";
import { gaussianNoise, maskingNoise } from "@layerwise/dropout";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

test("masking noise zeroes the given fraction and rescales nothing", () => {
  const n = 100_000;
  const y = maskingNoise(random.key(2), tf.fill([n], 7), 0.3).dataSync();
  const zeroed = y.filter((v) => v === 0).length / n;
  // Four standard deviations of a binomial fraction.
  expect(Math.abs(zeroed - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / n));
  expect(new Set(y)).toEqual(new Set([0, 7]));
});

test("masking noise is exact at rates 0 and 1 and follows its key", () => {
  const x = tf.tensor1d([1, 2, 3]);
  expect([...maskingNoise(random.key(0), x, 0).dataSync()]).toEqual([1, 2, 3]);
  expect([...maskingNoise(random.key(0), x, 1).dataSync()]).toEqual([0, 0, 0]);
  const wide = tf.ones([1000]);
  const draw = (seed: number) => maskingNoise(random.key(seed), wide, 0.5).dataSync();
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(() => maskingNoise(random.key(0), x, 2)).toThrow(
    "maskingNoise: expected a rate in [0, 1], got 2",
  );
});

test("Gaussian noise is x + stddev ε (oracle: float64 formula on the key's own normals)", () => {
  const x = tf.linspace(-2, 2, 24);
  const key = random.key(4);
  const eps = random.normal(key, x.shape).dataSync();
  const want = [...x.dataSync()].map((v, i) => v + 0.2 * (eps[i] ?? 0));
  expect(maxDifference(gaussianNoise(key, x, 0.2), want)).toBeLessThan(5e-7);
});

test("Gaussian noise has mean 0 and the given deviation; stddev 0 is the identity", () => {
  const n = 100_000;
  const y = [...gaussianNoise(random.key(8), tf.zeros([n]), 0.5).dataSync()];
  const mean = y.reduce((a, b) => a + b, 0) / n;
  const std = Math.sqrt(y.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
  expect(Math.abs(mean)).toBeLessThan((4 * 0.5) / Math.sqrt(n));
  expect(Math.abs(std / 0.5 - 1)).toBeLessThan(0.01);
  const x = tf.tensor1d([1, -2]);
  expect([...gaussianNoise(random.key(0), x, 0).dataSync()]).toEqual([1, -2]);
  expect(() => gaussianNoise(random.key(0), x, -1)).toThrow(
    "gaussianNoise: expected a finite stddev of at least 0, got -1",
  );
});

test("noise leaves only its result", () => {
  const key = random.key(0);
  const x = tf.ones([3, 4]);
  const before = alive();
  maskingNoise(key, x, 0.5);
  gaussianNoise(key, x, 0.5);
  expect(alive()).toBe(before + 2);
});
