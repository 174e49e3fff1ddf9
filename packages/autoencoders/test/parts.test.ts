import { compile, grad, random, type TensorTree, treeMap } from "@layerwise/autodiff";
import {
  type AutoencoderParams,
  autoencoder,
  basicAutoencoder,
  gaussian,
  masking,
  squaredError,
  tied,
} from "@layerwise/autoencoders";
import { dense, sequential } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";

const key = random.key(5);
const COUNT = 100_000;

// Oracle: the binomial distribution; 5 of its standard deviations are left in one run of two million.
test.for([0.1, 0.25, 0.5])("masking sets a fraction %d to 0 and keeps the others", (rate) => {
  const x = tf.fill([COUNT / 100, 100], 0.7);
  const values = masking(rate)(key, x).dataSync();
  const zeros = values.filter((v) => v === 0).length;
  expect(values.filter((v) => v === Math.fround(0.7))).toHaveLength(COUNT - zeros);
  const deviation = Math.sqrt(COUNT * rate * (1 - rate));
  expect(Math.abs(zeros - COUNT * rate)).toBeLessThan(5 * deviation);
});

// Oracle: mean and variance of the normal distribution, at 5 standard deviations of the estimates.
test("gaussian noise has mean 0 and the standard deviation asked for", () => {
  const x = tf.fill([COUNT / 100, 100], 0.5);
  const noise = Array.from(gaussian(0.3)(key, x).dataSync(), (v) => v - 0.5);
  const mean = noise.reduce((a, v) => a + v, 0) / COUNT;
  const variance = noise.reduce((a, v) => a + v * v, 0) / COUNT;
  expect(Math.abs(mean)).toBeLessThan((5 * 0.3) / Math.sqrt(COUNT));
  expect(Math.abs(variance - 0.09)).toBeLessThan(5 * 0.09 * Math.sqrt(2 / COUNT));
});

test("equal keys corrupt equally, others differently", () => {
  const x = tf.ones([20, 20]);
  const of = (seed: number): string => masking(0.5)(random.key(seed), x).dataSync().join();
  expect(of(1)).toBe(of(1));
  expect(of(1)).not.toBe(of(2));
});

// Oracle: Baldi and Hornik, 1989: the best linear autoencoder spans the leading eigenvectors, and
// its mean squared error is the sum of the other eigenvalues of the covariance, here 1 + 0.5.
test("a linear tied autoencoder with squared error finds the principal components", () => {
  const eigenvalues = [4, 2, 1, 0.5];
  const n = eigenvalues.length;
  // A reflection, so that the components do not lie along the axes.
  const v = [0.5, -0.5, 0.1, 0.7];
  const norm = v.reduce((a, value) => a + value * value, 0);
  const reflection = v.map((a, i) => v.map((b, j) => (i === j ? 1 : 0) - (2 * a * b) / norm));
  // ±√(n λ) along each component: the covariance of these 2 n rows has the eigenvalues λ.
  const rows = eigenvalues.flatMap((lambda, i) =>
    [1, -1].map((sign) => (reflection[i] ?? []).map((r) => sign * Math.sqrt(n * lambda) * r)),
  );
  const x = tf.tensor2d(rows);
  const model = basicAutoencoder({
    units: 2,
    activation: "identity",
    reconstruction: squaredError,
  });
  const { params: first, state } = model.init(key, [n]);
  const loss = (params: AutoencoderParams): tf.Tensor => model.loss({ params, state }, x).loss;
  const step = compile((params: AutoencoderParams): AutoencoderParams => {
    const down = (p: tf.Tensor, g: tf.Tensor): tf.Tensor => tf.sub(p, tf.mul(g, 0.02));
    const gradient = grad(loss)(params) as TensorTree;
    return treeMap<TensorTree, tf.Tensor, [TensorTree], tf.Tensor>(
      down,
      params,
      gradient,
    ) as AutoencoderParams;
  });
  let params = first;
  for (let i = 0; i < 400; i++) params = step(params);
  // The loss approaches its minimum from above; what is left after 400 steps is rounding.
  expect(loss(params).arraySync()).toBeCloseTo(1.5, 4);
});

test("tied weights need an encoder with exactly one kernel", () => {
  const two = sequential([dense({ units: 4 }), dense({ units: 3 })]) as never;
  const model = autoencoder({ encoder: two, decoder: tied() });
  const variables = model.init(key, [5]);
  expect(() => model.reconstruct(variables, tf.ones([1, 5]))).toThrow(
    'tied decoder: expected one "kernel" in the encoder\'s parameters, got [0.bias, 0.kernel, 1.bias, 1.kernel]',
  );
});

test("decoder and encoder have the shapes of inputs and codes", () => {
  for (const isTied of [true, false]) {
    const model = basicAutoencoder({ units: 3, tied: isTied });
    const variables = model.init(key, [5]);
    expect(model.encode(variables, tf.ones([2, 5])).shape).toEqual([2, 3]);
    expect(model.decode(variables, tf.ones([2, 3])).shape).toEqual([2, 5]);
    const reconstruction = model.reconstruct(variables, tf.ones([2, 5])).dataSync();
    expect(reconstruction.every((p) => p > 0 && p < 1)).toBe(true);
  }
});

test("a masking rate that is no probability is an error where it is given", () => {
  for (const rate of [25, -0.1, NaN]) {
    expect(() => masking(rate)).toThrow(`masking: expected a rate in [0, 1], got ${rate}`);
  }
});
