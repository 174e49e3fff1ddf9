import { random } from "@layerwise/autodiff";
import {
  classPriorBias,
  copyOf,
  dense,
  equinoxDefault,
  flaxDefault,
  forgetBias,
  kerasDefault,
  priorBias,
  torchDefault,
  visibleBias,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { maxDifference } from "./setup.ts";

const key = random.key(3);

test("an output layer starts by predicting the given frequencies", () => {
  const zero = tf.zeros([1, 4]);
  const start = (biasInit: ReturnType<typeof priorBias>): tf.Tensor => {
    const layer = dense({ units: 3, biasInit });
    return layer.apply(layer.init(key, [4]), zero).y;
  };
  expect(maxDifference(tf.sigmoid(start(priorBias(0.01))), [0.01, 0.01, 0.01])).toBeLessThan(1e-8);
  expect(
    maxDifference(tf.sigmoid(start(priorBias([0.1, 0.5, 0.9]))), [0.1, 0.5, 0.9]),
  ).toBeLessThan(1e-7);
  const classes = tf.softmax(start(classPriorBias([900, 90, 10])) as tf.Tensor2D);
  expect(maxDifference(classes, [0.9, 0.09, 0.01])).toBeLessThan(1e-7);
});

test("the visible bias is the log-odds of the data, finite for units that are always or never on", () => {
  const data = tf.tensor2d([
    [1, 0, 1, 0.5],
    [1, 0, 0, 0.5],
    [1, 0, 0, 0.5],
    [1, 0, 0, 0.5],
  ]);
  const logOdds = (on: number, s: number): number => Math.log((on + s) / (4 - on + s));
  const counts = [4, 0, 1, 2];
  expect(
    maxDifference(
      visibleBias(data),
      counts.map((n) => logOdds(n, 1)),
    ),
  ).toBeLessThan(3e-7);
  const less = visibleBias(data, { smoothing: 0.1 });
  expect(
    maxDifference(
      less,
      counts.map((n) => logOdds(n, 0.1)),
    ),
  ).toBeLessThan(3e-6);
  const images = tf.reshape(data, [4, 2, 2, 1]);
  expect(
    maxDifference(
      visibleBias(images),
      counts.map((n) => logOdds(n, 1)),
    ),
  ).toBeLessThan(3e-7);
  const layer = dense({ units: 4, biasInit: copyOf(less) });
  const { bias } = layer.init(key, [7]).params;
  expect(bias).not.toBe(less);
  expect(maxDifference(bias ?? tf.scalar(0), less.arraySync())).toBe(0);
});

test("an LSTM starts by remembering: 1 for the second of four gates", () => {
  expect(forgetBias()(key, [12]).arraySync()).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  expect(forgetBias({ value: 2 })(key, [4]).arraySync()).toEqual([0, 2, 0, 0]);
});

test("framework defaults: limits of kernel and bias of a layer with 400 inputs and 600 units", () => {
  const largest = (x: tf.Tensor | null): number => (x ? (tf.max(tf.abs(x)).dataSync()[0] ?? 0) : 0);
  const limits = (defaults: typeof torchDefault): [number, number] => {
    const { params } = dense({ units: 600, ...defaults }).init(key, [400]);
    return [largest(params.kernel), largest(params.bias)];
  };
  for (const [defaults, kernel, bias] of [
    [torchDefault, 1 / 20, 1 / 20],
    [equinoxDefault, 1 / 20, 1 / 20],
    [kerasDefault, Math.sqrt(6 / 1000), 0],
    // A truncated normal: two deviations, divided by the 0.8796 that the cut leaves.
    [flaxDefault, 2 / 20 / 0.87962566103424, 0],
  ] as const) {
    const [ofKernel, ofBias] = limits(defaults);
    expect(Math.abs(ofKernel / kernel - 1)).toBeLessThan(2e-3);
    expect(ofKernel).toBeLessThanOrEqual(kernel * (1 + 1e-6));
    expect(Math.abs(ofBias - bias)).toBeLessThan(bias / 50 + 1e-9);
  }
});
