import { compile, random } from "@layerwise/autodiff";
import type { GainName, Initializer, KernelLayout } from "@layerwise/layers";
import * as layers from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/initializers.json" with { type: "json" };
import { maxDifference } from "./setup.ts";

type Factory = (options: object) => Initializer;

const initializerOf = (name: string, options: object | null): Initializer => {
  const found = (layers as unknown as Record<string, Initializer | Factory>)[name];
  if (found === undefined) throw new Error(`no initializer ${name}`);
  return options === null ? (found as Initializer) : (found as Factory)(options);
};

// The bits of the draw are JAX's; erf⁻¹ and products round otherwise. The QR is LAPACK's there.
describe("the same key gives the numbers of jax.nn.initializers", () => {
  test.each(golden.draws)("$name $options $shape", ({ name, options, shape, seed, y }) => {
    const init = initializerOf(name, options);
    const got = init(random.key(seed), shape);
    expect(got.shape).toEqual(shape);
    const tolerance = name.toLowerCase().includes("orthogonal") ? 3e-6 : 3e-7;
    expect(maxDifference(got, y)).toBeLessThan(tolerance);
  });
});

test("compiled, an initializer gives the eager numbers", () => {
  for (const { name, options, shape, seed } of golden.draws) {
    const init = initializerOf(name, options);
    const compiled = compile((key: tf.Tensor) => init(key, shape))(random.key(seed));
    const tolerance = name.toLowerCase().includes("orthogonal") ? 1e-6 : 0;
    expect(
      maxDifference(compiled, [...init(random.key(seed), shape).dataSync()]),
    ).toBeLessThanOrEqual(tolerance);
  }
});

test("fans agree with torch.nn.init and Keras in each layout", () => {
  for (const { shape, layout, fanIn, fanOut } of golden.fans) {
    expect(layers.fansOf(shape, layout as KernelLayout)).toEqual({ fanIn, fanOut });
  }
  for (const { shape, layout, fan_in: fanIn, fan_out: fanOut } of golden.scales) {
    expect(layers.fansOf(shape, layout as KernelLayout)).toEqual({ fanIn, fanOut });
  }
  expect(layers.fansOf([3, 3, 8, 4], "HWOI")).toEqual({ fanIn: 36, fanOut: 72 });
  expect(layers.fansOf([4, 8, 3, 3], "IOHW")).toEqual({ fanIn: 36, fanOut: 72 });
  expect(layers.fansOf([0, 4])).toEqual({ fanIn: 0, fanOut: 0 });
});

test("gains agree with torch.nn.init.calculate_gain", () => {
  const { leakyRelu, ...plain } = golden.gains;
  for (const [name, gain] of Object.entries(plain)) {
    expect(layers.gainOf(name as GainName)).toBeCloseTo(gain, 15);
  }
  for (const [slope, gain] of Object.entries(leakyRelu)) {
    expect(layers.gainOf("leakyRelu", Number(slope))).toBeCloseTo(gain, 15);
  }
  expect(layers.gainOf("identity")).toBe(1);
  // @ts-expect-error no such activation
  expect(() => layers.gainOf("toString")).toThrow(
    'gainOf: expected one of linear, identity, sigmoid, tanh, relu, selu, leakyRelu, got "toString"',
  );
});

test("dirac kernels are PyTorch's, groups and even sizes included", () => {
  for (const { shape, groups, y } of golden.dirac) {
    expect(maxDifference(layers.dirac({ groups })(random.key(0), shape), y)).toBe(0);
  }
});

test("sparse zeroes as many values of each column as PyTorch, at places of its own", () => {
  for (const { shape, sparsity, zeros } of golden.sparse) {
    const w = layers.sparse({ sparsity })(random.key(4), shape);
    expect(tf.sum(tf.equal(w, 0), 0).arraySync()).toEqual(zeros);
  }
});

const std = (x: tf.Tensor): number => Math.sqrt(tf.moments(x).variance.dataSync()[0] ?? 0);

// 240,000 draws: one sigma of a deviation is at most 0.15 %.
test.each(golden.truncated)(
  "truncatedNormalBetween has scipy's moments: N($mean, $stddev²) on [$min, $max]",
  ({ mean, stddev, min, max, meanOut, stdOut }) => {
    const init = layers.truncatedNormalBetween({ mean, stddev, min, max });
    const x = init(random.key(9), [240_000]);
    expect(Math.abs(std(x) / stdOut - 1)).toBeLessThan(0.01);
    expect(Math.abs((tf.mean(x).dataSync()[0] ?? 0) - meanOut)).toBeLessThan(
      (4 * stdOut) / Math.sqrt(240_000),
    );
    // Far bounds are not reached, also where erf⁻¹ of a draw is infinite.
    const far = Math.min(max, mean + 5.41 * stddev);
    expect(tf.max(x).dataSync()[0]).toBeLessThanOrEqual(far + 1e-6);
    expect(tf.min(x).dataSync()[0]).toBeGreaterThanOrEqual(
      Math.max(min, mean - 5.41 * stddev) - 1e-6,
    );
  },
);

test("kaiming and xavier: PyTorch's scales, its normals uncut", () => {
  const fans = { fanIn: 36, fanOut: 72 };
  const draw = (init: Initializer): tf.Tensor => init(random.key(1), [60_000], fans);
  for (const { fan_in, fan_out, he, glorot } of golden.scales) {
    const own = { fanIn: fan_in, fanOut: fan_out };
    const sample = (init: Initializer): tf.Tensor => init(random.key(1), [20_000], own);
    expect(Math.abs(std(sample(layers.kaiming())) / he.std - 1)).toBeLessThan(0.02);
    expect(Math.abs(std(sample(layers.xavier())) / glorot.std - 1)).toBeLessThan(0.02);
    const bound = (init: Initializer): number => tf.max(sample(init)).dataSync()[0] ?? 0;
    expect(bound(layers.kaiming({ distribution: "uniform" })) / he.uniform_limit).toBeCloseTo(1, 3);
    expect(
      bound(layers.xavier({ distribution: "uniform", gain: 2 })) / glorot.uniform_limit,
    ).toBeCloseTo(2, 3);
  }
  const he = Math.sqrt(2 / 36);
  expect(tf.max(draw(layers.kaiming())).dataSync()[0]).toBeGreaterThan(3.5 * he);
  expect(tf.max(draw(layers.heNormal)).dataSync()[0]).toBeLessThan(2.28 * he);
  const leaky = layers.kaiming({ nonlinearity: "leakyRelu", negativeSlope: 1, mode: "fanOut" });
  expect(std(draw(leaky)) * Math.sqrt(72)).toBeCloseTo(1, 2);
});
