import { random } from "@layerwise/autodiff";
import type { Initializer } from "@layerwise/layers";
import {
  constant,
  dense,
  fansOf,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  normal,
  ones,
  truncatedNormal,
  truncatedNormalBetween,
  uniform,
  uniformFanIn,
  varianceScaling,
  zeros,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/initializers.json" with { type: "json" };
import { alive, maxDifference } from "./setup.ts";

// 240,000 draws: the sample deviation of a normal is then within 0.15 % (one sigma) of the true one.
const shape = [400, 600];
const big = { fanIn: 400, fanOut: 600 };

function moments(values: Float32Array): { mean: number; std: number; largest: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return { mean, std: Math.sqrt(variance), largest };
}

const draw = (init: Initializer): Float32Array =>
  init(random.key(42), shape).dataSync() as Float32Array;

test("a parameter of one axis or none counts its size as both fans", () => {
  expect(fansOf([7])).toEqual({ fanIn: 7, fanOut: 7 });
  expect(fansOf([])).toEqual({ fanIn: 1, fanOut: 1 });
});

// Oracle: the closed formulas of the fixture, evaluated here for the larger shape.
test.each([
  ["glorotUniform", glorotUniform, Math.sqrt(2 / 1000), Math.sqrt(6 / 1000)],
  ["heUniform", heUniform, Math.sqrt(2 / 400), Math.sqrt(6 / 400)],
  ["uniformFanIn", uniformFanIn, 1 / Math.sqrt(1200), 1 / Math.sqrt(400)],
  ["glorotNormal", glorotNormal, Math.sqrt(2 / 1000), (2 * Math.sqrt(2 / 1000)) / 0.87962566103424],
  ["heNormal", heNormal, Math.sqrt(2 / 400), (2 * Math.sqrt(2 / 400)) / 0.87962566103424],
  ["lecunNormal", lecunNormal, 1 / 20, 2 / 20 / 0.87962566103424],
  ["truncatedNormal", truncatedNormal({ stddev: 3 }), 3, 6 / 0.87962566103424],
  ["uniform", uniform({ limit: 2 }), 2 / Math.sqrt(3), 2],
] as const)(
  "%s: deviation within one percent, bound never exceeded and nearly reached",
  (_, init, std, bound) => {
    const got = moments(draw(init));
    expect(Math.abs(got.std / std - 1)).toBeLessThan(0.01);
    expect(Math.abs(got.mean)).toBeLessThan((4 * std) / Math.sqrt(240_000));
    expect(got.largest).toBeLessThan(bound * (1 + 1e-6));
    expect(got.largest).toBeGreaterThan(0.99 * bound);
  },
);

// Kolmogorov–Smirnov against the distribution: beyond 1.95 / √n with probability 0.001.
const phi = (z: number): number => {
  // erf by its series: exact to 1e-12 for |z| below 6.
  let [term, sum] = [z, z];
  for (let k = 1; k < 200 && Math.abs(term) > 1e-17; k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
};
const cut = (z: number): number => (phi(z) - phi(-2)) / (phi(2) - phi(-2));

test.each([
  ["glorotUniform", glorotUniform, (x: number) => (x / Math.sqrt(6 / 1000) + 1) / 2],
  ["heNormal", heNormal, (x: number) => cut((x / Math.sqrt(2 / 400)) * 0.87962566103424)],
  ["normal", normal({ stddev: 0.01, mean: 0.5 }), (x: number) => phi((x - 0.5) / 0.01)],
  [
    "truncatedNormalBetween",
    truncatedNormalBetween({ stddev: 2, mean: 1 }),
    (x: number) => (phi((x - 1) / 2) - phi(-1.5)) / (phi(0.5) - phi(-1.5)),
  ],
] as const)("%s has the distribution it says (Kolmogorov–Smirnov)", (_, init, cdf) => {
  const n = 40_000;
  const values = init(random.key(11), [n], big).dataSync() as Float32Array;
  const distance = values
    .toSorted()
    .reduce((most, x, i) => Math.max(most, Math.abs(cdf(x) - (i + 0.5) / n)), 0);
  expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
});

test("uniform takes a limit or two bounds", () => {
  const values = uniform({ min: 2, max: 3 })(random.key(1), [5000]).dataSync();
  expect(Math.min(...values)).toBeGreaterThanOrEqual(2);
  expect(Math.min(...values)).toBeLessThan(2.01);
  expect(Math.max(...values)).toBeLessThanOrEqual(3);
  expect(Math.max(...values)).toBeGreaterThan(2.99);
  expect(() => uniform({ min: 3, max: 2 })).toThrow("uniform: expected min <= max, got 3 and 2");
});

test("normal is not cut; its mean moves", () => {
  const got = moments(draw(normal({ stddev: 0.01, mean: 5 })));
  expect(Math.abs(got.std / 0.01 - 1)).toBeLessThan(0.01);
  expect(Math.abs(got.mean - 5)).toBeLessThan(1e-4);
  const { largest } = moments(draw(varianceScaling({ distribution: "normal" })));
  expect(largest).toBeGreaterThan(4 / Math.sqrt(big.fanIn));
});

test("deviations and limits agree with the fixture's kernels, convolution included", () => {
  for (const { fan_in, fan_out, glorot, he, lecun, torch_default_linear } of golden.scales) {
    const fans = { fanIn: fan_in, fanOut: fan_out };
    const bound = (init: Initializer): number =>
      // Many kernels in one draw, by passing the fans of one.
      moments(init(random.key(1), [20_000], fans).dataSync() as Float32Array).largest;
    const std = (init: Initializer): number =>
      moments(init(random.key(1), [20_000], fans).dataSync() as Float32Array).std;
    expect(bound(glorotUniform) / glorot.uniform_limit).toBeCloseTo(1, 3);
    expect(bound(heUniform) / he.uniform_limit).toBeCloseTo(1, 3);
    expect(bound(uniformFanIn) / torch_default_linear.weight_bound).toBeCloseTo(1, 3);
    // 20,000 draws: one sigma is 0.5 %.
    expect(Math.abs(std(lecunNormal) / lecun.std - 1)).toBeLessThan(0.02);
    expect(Math.abs(std(glorotNormal) / glorot.std - 1)).toBeLessThan(0.02);
  }
});

test("a bias takes the fans of its kernel", () => {
  const { params } = dense({ units: 2000, biasInit: uniformFanIn }).init(random.key(3), [100]);
  const { largest } = moments(params.bias?.dataSync() as Float32Array);
  expect(largest).toBeLessThan(0.1);
  expect(largest).toBeGreaterThan(0.099);
});

test("zeros, ones and constant are exact", () => {
  const key = random.key(0);
  expect(zeros(key, [2, 2]).arraySync()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(ones(key, [3]).arraySync()).toEqual([1, 1, 1]);
  expect(constant(-2.5)(key, []).arraySync()).toBe(-2.5);
});

test("equal keys give equal tensors; nothing is left behind", () => {
  const key = random.key(5);
  for (const init of [glorotUniform, lecunNormal, normal({ stddev: 1 }), zeros]) {
    const before = alive();
    const first = init(key, [3, 4]);
    expect(alive()).toBe(before + 1);
    expect(maxDifference(init(key, [3, 4]), first.arraySync())).toBe(0);
    expect([first.dtype, ...first.shape]).toEqual(["float32", 3, 4]);
    expect(tf.isNaN(first).dataSync().some(Boolean)).toBe(false);
  }
});
