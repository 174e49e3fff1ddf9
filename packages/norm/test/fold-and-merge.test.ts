import { random, treeDispose } from "@layerwise/autodiff";
import { dense } from "@layerwise/layers";
import {
  batchNorm,
  channelMoments,
  foldBatchNorm,
  mergeMoments,
  varianceOf,
} from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const [k1, k2, k3, k4, k5] = random.split(random.key(9), 5) as [
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
];

/** Statistics and affine parameters of a trained normalisation. */
const trained = (channels: number) => ({
  params: {
    gamma: tf.add(1, tf.mul(random.normal(k1, [channels]), 0.3)),
    beta: random.normal(k2, [channels]),
  },
  state: {
    mean: random.normal(k3, [channels]),
    variance: tf.add(0.3, tf.abs(random.normal(k4, [channels]))),
    steps: tf.scalar(7, "int32"),
  },
});

describe("foldBatchNorm", () => {
  const norm = batchNorm({ eps: 1e-3 });
  const near = (got: tf.Tensor, want: tf.Tensor) => {
    const scale = Math.max(1, tf.max(tf.abs(want)).dataSync()[0] ?? NaN);
    expect(maxDifference(got, want.arraySync()) / scale).toBeLessThan(1e-6);
  };

  test("into dense, with and without bias, with and without affine", () => {
    const x = random.normal(k5, [6, 4]);
    for (const useBias of [true, false]) {
      const linear = dense({
        units: 3,
        useBias,
        biasInit: (key, shape) => random.normal(key, shape),
      });
      const { params } = linear.init(k1, [4]);
      const full = trained(3);
      for (const variables of [full, { ...full, params: { gamma: null, beta: null } }]) {
        const both = norm.apply(variables, linear.apply({ params, state: null }, x).y).y;
        const folded = foldBatchNorm(params, norm, variables);
        expectTypeOf(folded.kernel).toEqualTypeOf<tf.Tensor2D>();
        near(linear.apply({ params: folded, state: null }, x).y, both);
      }
    }
  });

  const x = random.normal(k5, [2, 5, 5, 4]) as tf.Tensor4D;
  test("into a convolution", () => {
    const kernel = random.normal(k1, [3, 3, 4, 6]) as tf.Tensor4D;
    const variables = trained(6);
    const { kernel: w, bias } = foldBatchNorm({ kernel, bias: null }, norm, variables);
    const both = norm.apply(variables, tf.conv2d(x, kernel, 1, "same")).y;
    near(tf.add(tf.conv2d(x, w, 1, "same"), bias), both);
  });

  test("into a depthwise convolution: two output axes", () => {
    const kernel = random.normal(k1, [3, 3, 4, 2]) as tf.Tensor4D;
    const variables = trained(8);
    const options = { outputAxes: [-2, -1] };
    const { kernel: w, bias } = foldBatchNorm({ kernel, bias: null }, norm, variables, options);
    const both = norm.apply(variables, tf.depthwiseConv2d(x, kernel, 1, "same")).y;
    near(tf.add(tf.depthwiseConv2d(x, w, 1, "same"), bias), both);
  });

  test("into a transposed convolution: outputs on the axis before the last", () => {
    const kernel = random.normal(k1, [3, 3, 6, 4]) as tf.Tensor4D;
    const variables = trained(6);
    const options = { outputAxes: [-2] };
    const { kernel: w, bias } = foldBatchNorm({ kernel, bias: null }, norm, variables, options);
    const run = (k: tf.Tensor4D) => tf.conv2dTranspose(x, k, [2, 5, 5, 6], 1, "same");
    near(tf.add(run(w), bias), norm.apply(variables, run(kernel)).y);
  });

  test("makes two tensors; other numbers of outputs are an error", () => {
    const kernel = tf.ones([4, 3]);
    const variables = trained(3);
    const before = alive();
    treeDispose(foldBatchNorm({ kernel, bias: null }, norm, variables));
    expect(alive()).toBe(before);
    expect(() => foldBatchNorm({ kernel, bias: null }, norm, trained(4))).toThrow(
      "foldBatchNorm: expected 4 outputs, got 3 (kernel [4, 3])",
    );
    expect(() =>
      foldBatchNorm({ kernel, bias: null }, norm, variables, { outputAxes: [2] }),
    ).toThrow("foldBatchNorm: expected an axis of a tensor of rank 2, got 2");
  });
});

describe("moments", () => {
  // Far from zero, where E[x²] − E[x]² in float32 would be noise.
  const x = tf.add(random.normal(k1, [12, 3, 2]), 1000);

  test("merging parts of unequal size gives the moments of the whole", () => {
    const parts = tf.split(x, [5, 4, 3]).map((part) => channelMoments(part));
    const [first, ...rest] = parts;
    if (first === undefined) throw new Error("no parts");
    const merged = rest.reduce((a, b) => mergeMoments(a, b), first);
    const whole = channelMoments(x);
    expect(merged.count.dataSync()[0]).toBe(36);
    expect(maxDifference(merged.mean, whole.mean.arraySync())).toBeLessThan(2e-4);
    const variance = varianceOf(whole, "biased").arraySync();
    expect(maxDifference(varianceOf(merged, "biased"), variance)).toBeLessThan(2e-5);
    const doubles = tf.unstack(tf.reshape(x, [36, 2]), 1).map((column) => {
      const values = [...column.dataSync()];
      const mean = values.reduce((a, b) => a + b) / 36;
      return values.reduce((a, b) => a + (b - mean) ** 2, 0) / 36;
    });
    expect(maxDifference(varianceOf(merged, "biased"), doubles)).toBeLessThan(2e-5);
  });

  test("a batch of 2B is normalised like merged batches of B (synchronised batch normalisation)", () => {
    const layer = batchNorm();
    const { params, state } = layer.init(random.key(0), [3, 2]);
    const small = tf.sub(x, 1000);
    const want = layer.apply({ params, state }, small, { training: true });
    const halves = tf.split(small, 2);
    const merged = halves.map((half) => channelMoments(half)).reduce((a, b) => mergeMoments(a, b));
    const shared = {
      params,
      state: { mean: merged.mean, variance: varianceOf(merged, "biased"), steps: state.steps },
    };
    const parts = halves.map((half) => layer.apply(shared, half).y);
    expect(maxDifference(tf.concat(parts), want.y.arraySync())).toBeLessThan(1e-6);
  });

  test("merging with nothing changes nothing; order does not matter", () => {
    const some = channelMoments(tf.slice(x, 0, 5));
    const none = channelMoments(tf.slice(x, 5, 7), { mask: tf.zeros([7, 3]) });
    expect(none.count.dataSync()[0]).toBe(0);
    for (const merged of [mergeMoments(some, none), mergeMoments(none, some)]) {
      expect(maxDifference(merged.mean, some.mean.arraySync())).toBeLessThan(1e-3);
      expect(maxDifference(merged.m2, some.m2.arraySync())).toBeLessThan(1e-4);
    }
    expect(maxDifference(varianceOf(none, "unbiased"), [0, 0])).toBe(0);
  });

  test("constant channels have variance 0, never less", () => {
    const { m2 } = channelMoments(tf.fill([7, 3], 1234.567));
    expect(Math.max(...m2.dataSync())).toBeLessThan(1e-6 * 1234 ** 2);
    expect(Math.min(...m2.dataSync())).toBeGreaterThanOrEqual(0);
  });

  test("leaves only its results", () => {
    const before = alive();
    const [a, b] = [channelMoments(x), channelMoments(x, { mask: tf.ones([12, 3]) })];
    treeDispose([a, b, mergeMoments(a, b), varianceOf(a, "biased")]);
    expect(alive()).toBe(before + 1); // the mask
    expect(() => channelMoments(tf.ones([3]))).toThrow(
      "channelMoments: expected input [batch, ..., channels], got [3]",
    );
  });
});
