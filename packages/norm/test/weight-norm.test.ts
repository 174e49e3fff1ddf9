import { grad, random } from "@layerwise/autodiff";
import { activation, dense, type Layer, sequential } from "@layerwise/layers";
import { weightNorm, weightNormFromData, weightStandardization } from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import torch from "./fixtures/torch.json" with { type: "json" };
import { alive, maxDifference } from "./setup.ts";

/** A layer that is its kernel: what is normalised comes out. */
const bare = (shape: readonly number[]): Layer<{ readonly kernel: tf.Tensor }, null> => ({
  kind: "bare",
  init: (key) => ({ params: { kernel: random.normal(key, shape) }, state: null }),
  apply: ({ params, state }) => ({ y: tf.clone(params.kernel), state }),
  outputShape: () => shape.slice(1),
});
const anything = tf.zeros([1]);

describe("weightNorm", () => {
  test("starts as the layer itself, with g the length of each unit's weights", () => {
    const [plain, layer] = [dense({ units: 3 }), weightNorm(dense({ units: 3 }))];
    const x = random.normal(random.key(1), [4, 5]);
    const want = plain.init(random.key(0), [5]);
    const { params, state } = layer.init(random.key(0), [5]);
    expectTypeOf(params.bias).toEqualTypeOf<tf.Tensor1D | null>();
    expectTypeOf(params.kernel.g).toEqualTypeOf<tf.Tensor>();
    expect(
      maxDifference(params.kernel.g, tf.norm(want.params.kernel, 2, 0).arraySync()),
    ).toBeLessThan(1e-6);
    const y = layer.apply({ params, state }, x).y;
    expect(maxDifference(y, plain.apply(want, x).y.arraySync())).toBeLessThan(1e-6);
    expect(layer.kind).toBe("weightNorm(dense)");
    // @ts-expect-error an activation has no kernel
    weightNorm(activation("relu"));
  });

  test("of a convolution kernel [height, width, in, out] it is PyTorch's", () => {
    const { v, g, w } = torch.convWeightNorm;
    const params = { kernel: { v: tf.tensor(v), g: tf.tensor(g) } };
    const { y } = weightNorm(bare([2, 2, 3, 5])).apply({ params, state: null }, anything);
    expect(maxDifference(y, w)).toBeLessThan(1e-6);
  });

  test("only the direction of v matters, and its gradient is orthogonal to v", () => {
    const layer = weightNorm(bare([4, 3, 2]), { outputAxes: [0, 2] });
    const { params, state } = layer.init(random.key(0), []);
    expect(params.kernel.g.shape).toEqual([4, 1, 2]);
    const { g, v } = params.kernel;
    const y = (direction: tf.Tensor) =>
      layer.apply({ params: { kernel: { g, v: direction } }, state }, anything).y;
    expect(maxDifference(y(tf.mul(v, 7)), y(v).arraySync())).toBeLessThan(1e-6);
    const cot = random.normal(random.key(1), [4, 3, 2]);
    const slope = grad((direction: tf.Tensor) => tf.sum(tf.mul(y(direction), cot)))(v);
    expect(maxDifference(tf.sum(tf.mul(slope, v), 1), new Array(8).fill(0))).toBeLessThan(1e-6);
  });

  test("v = 0 gives weights 0 and finite gradients", () => {
    const layer = weightNorm(bare([3, 2]));
    const kernel = { g: tf.ones([1, 2]), v: tf.zeros([3, 2]) };
    const run = (k: typeof kernel) =>
      tf.sum(layer.apply({ params: { kernel: k }, state: null }, anything).y);
    expect(run(kernel).dataSync()[0]).toBe(0);
    const slope = grad(run)(kernel);
    expect([...slope.v.dataSync(), ...slope.g.dataSync()].every(Number.isFinite)).toBe(true);
  });

  test("started from data, outputs have mean 0 and variance 1 in each unit", () => {
    const layer = weightNorm(dense({ units: 3 }));
    const x = tf.add(random.normal(random.key(2), [50, 4]), 2);
    const start = layer.init(random.key(0), [4]);
    const before = alive();
    const variables = weightNormFromData(layer, start, x);
    expect(alive()).toBe(before + 3);
    const y = layer.apply(variables, x).y;
    expect(maxDifference(tf.mean(y, 0), [0, 0, 0])).toBeLessThan(2e-6);
    expect(maxDifference(tf.mean(tf.square(y), 0), [1, 1, 1])).toBeLessThan(4e-6);
    const without = weightNorm(dense({ units: 3, useBias: false }));
    const scaled = weightNormFromData(without, without.init(random.key(0), [4]), x);
    const { variance } = tf.moments(without.apply(scaled, x).y, 0);
    expect(maxDifference(variance, [1, 1, 1])).toBeLessThan(4e-6);
  });

  test("errors inside keep their own names and the path of the model", () => {
    const net = sequential({ first: weightNorm(dense({ units: 2 })) });
    const variables = net.init(random.key(0), [3]);
    expect(() => net.apply(variables, tf.ones([1, 4]))).toThrow(
      "first (dense): expected input [batch, ..., 3], got [1, 4]",
    );
    expect(() => weightNorm(bare([2, 2]), { outputAxes: [2] }).init(random.key(0), [])).toThrow(
      "weightNorm: expected an axis of a tensor of rank 2, got 2",
    );
  });
});

describe("weightStandardization", () => {
  test("kernels have mean 0 and variance 1 per output; with gain, length 1 at the start", () => {
    const layer = weightStandardization(bare([3, 3, 4, 6]));
    const { y } = layer.apply(layer.init(random.key(0), []), anything);
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    expect(maxDifference(mean, new Array(6).fill(0))).toBeLessThan(1e-6);
    expect(maxDifference(variance, new Array(6).fill(1))).toBeLessThan(1e-5);
    const scaled = weightStandardization(bare([3, 3, 4, 6]), { gain: true });
    const variables = scaled.init(random.key(0), []);
    expect(variables.params.kernel.gain?.shape).toEqual([1, 1, 1, 6]);
    const squares = tf.sum(tf.square(scaled.apply(variables, anything).y), [0, 1, 2]);
    expect(maxDifference(squares, new Array(6).fill(1))).toBeLessThan(1e-5);
  });
});
