import { compile, random, scan } from "@layerwise/autodiff";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { gpuTest } from "./gpu.ts";

// The oracle is the cpu backend, whose draws are compared with JAX's in the tests of autodiff.
const on = async (backend: string, draw: () => tf.Tensor | Promise<tf.Tensor>) => {
  await tf.setBackend(backend);
  const x = await draw();
  const values = Array.from(await x.data());
  x.dispose();
  return values;
};

const logits = (): tf.Tensor => tf.tensor2d([0, 1, 2, -3, 0, 5], [2, 3]);
const key = (): random.Key => random.key(42);

const exact: readonly (readonly [string, (k: random.Key) => tf.Tensor])[] = [
  ["split", (k) => random.split(k, 3)[2]],
  ["foldIn", (k) => random.foldIn(k, 2 ** 31)],
  ["bits", (k) => random.bits(k, [33, 5])],
  ["bits of no shape", (k) => random.bits(k, [])],
  ["uniform", (k) => random.uniform(k, [1000])],
  ["bernoulli", (k) => random.bernoulli(k, 0.3, [1000])],
  ["randint", (k) => random.randint(k, [1000], -5, 5)],
  ["randint over the whole range", (k) => random.randint(k, [100], -(2 ** 31), 2 ** 31 - 1)],
  ["permutation", (k) => random.permutation(k, 1000)],
  ["categorical", (k) => random.categorical(k, tf.tile(tf.expandDims(logits()), [50, 1, 1]))],
];

gpuTest.for(exact)("random.%s draws on webgpu what it draws on cpu", async ([, draw]) => {
  const wanted = await on("cpu", () => draw(key()));
  // Asynchronously, because some integer operations run on the host.
  const compiled = compile((k: tf.Tensor) => draw(k));
  expect(await on("webgpu", () => compiled.async(key()))).toEqual(wanted);
  compiled.dispose();
});

gpuTest.for(exact)("random.%s draws the same without compile", async ([, draw]) => {
  const wanted = await on("cpu", () => draw(key()));
  expect(await on("webgpu", () => draw(key()))).toEqual(wanted);
});

gpuTest("keys that are stacked, scanned, sliced and gathered keep their bits", async () => {
  const draws = (k: tf.Tensor) => {
    const keys = tf.stack(random.split(k, 4));
    const picked = tf.gather(tf.reverse(keys, 0), tf.tensor1d([2, 0], "int32"));
    const { ys } = scan(
      (c: null, one: tf.Tensor) => ({ carry: c, y: random.bits(one, [3]) }),
      null,
      picked,
    );
    return tf.add(tf.concat([ys, ys]), tf.scalar(1, "int32"));
  };
  const wanted = await on("cpu", () => compile(draws)(key()));
  expect(await on("webgpu", () => compile(draws)(key()))).toEqual(wanted);
});

// Small integers are denormal numbers when their bits are read as floats.
const moves: readonly (readonly [string, (x: tf.Tensor, i: tf.Tensor) => tf.Tensor])[] = [
  ["gather", (x, i) => tf.gather(x, i)],
  ["gather along the last axis", (x, i) => tf.gather(x, i, 1)],
  ["transpose", (x) => tf.transpose(x)],
  ["reverse", (x) => tf.reverse(x, 1)],
  ["slice", (x) => tf.slice(x, [1, 0], [2, 2])],
  ["concat", (x) => tf.concat([x, x], 1)],
  ["where", (x) => tf.where(tf.greater(x, 3), x, tf.neg(x))],
  [
    "scan",
    (x) =>
      scan(
        (c: tf.Tensor, r: tf.Tensor) => ({ carry: tf.add(c, r), y: r }),
        tf.zeros([3], "int32"),
        x,
      ).ys,
  ],
];
gpuTest.for(moves)("%s moves integers small and large", async ([, move]) => {
  const run = () =>
    compile(move)(
      tf.tensor2d([1, 2, 3, -4, 5, 2 ** 31 - 1, 7, 16777217, -(2 ** 31)], [3, 3], "int32"),
      tf.tensor1d([2, 0, 1, 2], "int32"),
    );
  expect(await on("webgpu", run)).toEqual(await on("cpu", run));
});

const close: readonly (readonly [string, () => tf.Tensor])[] = [
  ["uniform over an interval", () => random.uniform(key(), [1000], { minval: -0.1, maxval: 0.3 })],
  ["normal", () => random.normal(key(), [1000])],
  ["truncatedNormal", () => random.truncatedNormal(key(), -2, 2, [1000])],
];

gpuTest.for(close)("random.%s agrees with cpu", async ([, draw]) => {
  const wanted = await on("cpu", draw);
  const got = await on("webgpu", draw);
  // WGSL allows logarithms an absolute error of 2^-21 near 1 and 3 ulp elsewhere.
  got.forEach((v, i) => {
    expect(Math.abs(v - wanted[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted[i]!)));
  });
});
