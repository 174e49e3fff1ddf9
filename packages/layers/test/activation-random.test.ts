import { compile, grad, random } from "@layerwise/autodiff";
import {
  binaryStep,
  constant,
  gumbelSoftmax,
  LayerError,
  leakyRelu,
  prelu,
  rrelu,
  sigmoid,
  softmax,
  stochasticBinary,
  zeros,
} from "@layerwise/layers";
import { float64, hostLeaves, numbers } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/activations.json" with { type: "json" };
import { alive, maxDifference } from "./setup.ts";

const none = { params: null, state: null };
const flat = (nested: unknown): number[] => [nested].flat(Number.POSITIVE_INFINITY) as number[];

test.each(golden.prelu)("prelu, a slope per $per: PyTorch's values and gradients", (found) => {
  const layer = prelu({ per: found.per as "layer" | "channel" });
  const variables = (slope: tf.Tensor) => ({ params: { slope }, state: null });
  const args = [tf.tensor(found.slope as number), tf.tensor(found.x)] as const;
  const loss = (slope: tf.Tensor, x: tf.Tensor): tf.Tensor =>
    tf.sum(tf.mul(layer.apply(variables(slope), x).y, tf.tensor(found.cot)));
  const y = (slope: tf.Tensor, x: tf.Tensor): tf.Tensor => layer.apply(variables(slope), x).y;
  expect(maxDifference(y(...args), found.y)).toBeLessThan(1e-6);
  const [dslope, dx] = grad(loss, { argnums: [0, 1] })(...args);
  expect(maxDifference(dx, found.dx)).toBeLessThan(1e-6);
  expect(maxDifference(dslope, found.dslope)).toBeLessThan(1e-6);
});

test("prelu: shapes of slopes, initial values, errors", () => {
  const shapes = (["layer", "channel", "element"] as const).map(
    (per) => prelu({ per }).init(random.key(0), [3, 4]).params.slope.shape,
  );
  expect(shapes).toEqual([[], [4], [3, 4]]);
  const quarter = prelu().init(random.key(0), [3]).params.slope;
  expect(quarter.dataSync()[0]).toBe(0.25);
  const keras = prelu({ per: "element", slopeInit: zeros });
  const { y } = keras.apply(keras.init(random.key(0), [2]), tf.tensor2d([[-3, 3]]));
  expect(flat(y.arraySync()).map(Math.abs)).toEqual([0, 3]);
  const perChannel = prelu({ per: "channel", slopeInit: constant(2) });
  const variables = perChannel.init(random.key(0), [4]);
  const x = tf.ones([2, 4]);
  const before = alive();
  perChannel.apply(variables, x);
  expect(alive()).toBe(before + 1);
  expect(() => perChannel.apply(variables, tf.ones([2, 3]))).toThrow(
    "prelu: expected slope [3], got [4] (input [2, 3])",
  );
  expect(() => perChannel.init(random.key(0), [])).toThrow(LayerError);
  // @ts-expect-error no such choice
  expect(() => prelu({ per: "row" })).toThrow(
    "prelu: expected per one of layer, channel, element, got row",
  );
});

test("rrelu: slopes from the key's own uniform numbers in training, the mean slope otherwise", () => {
  const x = tf.tensor2d([[-8, 4, -1, 0]]);
  const key = random.key(3);
  const slopes = random.uniform(key, [1, 4], { minval: 1 / 8, maxval: 1 / 3 }).dataSync();
  const want = [...x.dataSync()].map((v, i) => (v > 0 ? v : v * (slopes[i] ?? 0)));
  expect(maxDifference(rrelu(key, x), want)).toBe(0);
  const layer = rrelu();
  expect(maxDifference(layer.apply(none, x, { key, training: true }).y, want)).toBe(0);
  const mean = leakyRelu(x, { negativeSlope: 11 / 48 });
  expect(maxDifference(layer.apply(none, x, { key }).y, mean.arraySync())).toBe(0);
  expect(
    rrelu({ lower: 0.5, upper: 0.5 }).apply(none, x, { key, training: true }).y.arraySync(),
  ).toEqual([[-4, 4, -0.5, 0]]);
  const derivative = grad((v: tf.Tensor) => tf.sum(rrelu(key, v)))(x);
  expect(maxDifference(derivative, [slopes[0], 1, slopes[2], slopes[3]])).toBe(0);
});

test("rrelu draws from the whole interval", () => {
  const y = [...rrelu(random.key(9), tf.fill([20_000], -1)).dataSync()];
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  const deviation = (1 / 3 - 1 / 8) / Math.sqrt(12);
  expect(Math.abs(mean + 11 / 48)).toBeLessThan((4 * deviation) / Math.sqrt(y.length));
  expect(Math.min(...y)).toBeGreaterThanOrEqual(-1 / 3);
  expect(Math.max(...y)).toBeLessThanOrEqual(-1 / 8);
});

test("binary step: 0 and 1 exactly, with the derivative of its surrogate", () => {
  const x = tf.tensor1d([-1000, -50, -2, -1, -0.3, 0, 0.3, 1, 2, 50, 1000]);
  const slopes = (surrogate: "identity" | "clipped" | "sigmoid"): number[] => {
    expect([...binaryStep(x, { surrogate }).dataSync()]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    return [...grad((v: tf.Tensor) => tf.sum(binaryStep(v, { surrogate })))(x).dataSync()];
  };
  expect([...binaryStep(tf.tensor1d([1e-9, 0.1, 1e9])).dataSync()]).toEqual([1, 1, 1]);
  expect(slopes("identity")).toEqual(new Array(11).fill(1));
  expect(slopes("clipped")).toEqual([0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
  const s = [...sigmoid(x).dataSync()];
  expect(
    maxDifference(
      tf.tensor1d(slopes("sigmoid")),
      s.map((v) => v * (1 - v)),
    ),
  ).toBeLessThan(1e-7);
  // @ts-expect-error no such surrogate
  expect(() => binaryStep(x, { surrogate: "relu" })).toThrow(
    "binaryStep: expected surrogate one of identity, clipped, sigmoid, got relu",
  );
});

test("stochastic binary units: frequency σ(x), derivative σ′(x), means or modes when not training", () => {
  const n = 40_000;
  const x = tf.fill([n], 0.8);
  const p = 1 / (1 + Math.exp(-0.8));
  const y = [...stochasticBinary(random.key(1), x).dataSync()];
  expect(new Set(y)).toEqual(new Set([0, 1]));
  const rate = y.reduce((a, b) => a + b, 0) / n;
  expect(Math.abs(rate - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
  const derivative = grad((v: tf.Tensor) => tf.sum(stochasticBinary(random.key(1), v)))(x);
  expect(maxDifference(derivative, new Array(n).fill(p * (1 - p)))).toBeLessThan(1e-6);
  const z = tf.tensor2d([[-1000, -1, 0, 1, 1000]]);
  expect(stochasticBinary().apply(none, z).y.arraySync()).toEqual(sigmoid(z).arraySync());
  const mode = stochasticBinary({ evaluate: "mode" }).apply(none, z).y;
  expect(mode.arraySync()).toEqual([[0, 0, 0, 1, 1]]);
  // @ts-expect-error no such choice
  expect(() => stochasticBinary({ evaluate: "median" })).toThrow(
    "stochasticBinary: expected evaluate mean or mode, got median",
  );
});

test("Gumbel softmax: the winners follow the softmax; hard samples have soft derivatives", () => {
  const n = 20_000;
  const logits = [1, -0.5, 0.3];
  const x = tf.tile(tf.tensor2d([logits]), [n, 1]);
  const p = softmax(tf.tensor1d(logits)).dataSync();
  const y = gumbelSoftmax(random.key(2), x, { hard: true });
  expect(new Set(y.dataSync())).toEqual(new Set([0, 1]));
  const share = tf.mean(y, 0).dataSync();
  p.forEach((v, i) => {
    expect(Math.abs((share[i] ?? 0) - v)).toBeLessThan(4 * Math.sqrt((v * (1 - v)) / n));
  });
  const few = tf.slice(x, [0, 0], [5, 3]);
  const slope = (hard: boolean) =>
    grad((v: tf.Tensor) =>
      tf.sum(tf.mul(gumbelSoftmax(random.key(4), v, { hard, temperature: 0.7 }), [1, 2, 5])),
    )(few);
  expect(maxDifference(slope(true), slope(false).arraySync())).toBe(0);
  const soft = gumbelSoftmax(random.key(4), few, { temperature: 0.7 });
  expect(maxDifference(tf.sum(soft, -1), [1, 1, 1, 1, 1])).toBeLessThan(1e-6);
  const still = gumbelSoftmax({ temperature: 0.5 }).apply(none, few).y;
  expect(maxDifference(still, softmax(tf.mul(few, 2)).arraySync())).toBe(0);
  expect(() => gumbelSoftmax({ temperature: 0 })).toThrow(
    "gumbelSoftmax: expected temperature above 0 and finite, got 0",
  );
});

test("Gumbel softmax in float64 agrees with its formula on the key's own numbers", () => {
  const key = random.key(8);
  const x = tf.tensor2d([[0.5, -1, 2, 0]]);
  const u = [...random.uniform(key, [1, 4]).dataSync()];
  const raised = u.map((v, i) => Math.exp(((x.dataSync()[i] ?? 0) - Math.log(-Math.log(v))) / 0.4));
  const total = raised.reduce((a, b) => a + b, 0);
  const got = numbers(
    float64((k, v) => gumbelSoftmax(k, v, { temperature: 0.4 }), key, x)(hostLeaves([key, x])),
  );
  got.forEach((v, i) => {
    expect(Math.abs(v - (raised[i] ?? 0) / total)).toBeLessThan(1e-12);
  });
});

test("random layers need a key in training", () => {
  for (const layer of [rrelu(), stochasticBinary(), gumbelSoftmax()]) {
    expect(() => layer.apply(none, tf.ones([1, 2]), { training: true })).toThrow(
      `${layer.kind}: expected a random key in training, got none`,
    );
  }
  expect(() => rrelu({ lower: 1, upper: 0 })).toThrow(
    "rrelu: expected finite lower <= upper, got 1 and 0",
  );
});

test("straight-through units: compiled is eager, derivatives too, and nothing is left", () => {
  const x = tf.tensor2d([[-2, -0.4, 0, 0.3, 5]]);
  const key = random.key(6);
  const units: ((v: tf.Tensor) => tf.Tensor)[] = [
    (v) => binaryStep(v),
    (v) => binaryStep(v, { surrogate: "sigmoid" }),
    (v) => stochasticBinary(key, v),
    (v) => stochasticBinary().apply(none, v, { key, training: true }).y,
    (v) => gumbelSoftmax(key, v, { hard: true }),
  ];
  for (const unit of units) {
    const before = alive();
    const y = unit(x);
    expect(alive()).toBe(before + 1);
    const slope = grad((v: tf.Tensor) => tf.sum(tf.square(unit(v))));
    const [value, derivative] = [compile(unit), compile(slope)];
    expect(maxDifference(value(x), y.arraySync())).toBe(0);
    expect(maxDifference(derivative(x), slope(x).arraySync())).toBeLessThan(1e-6);
    value.dispose();
    derivative.dispose();
  }
});
