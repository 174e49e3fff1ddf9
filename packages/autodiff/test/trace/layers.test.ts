import { compile, trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { describe, expect, test } from "vitest";
import { engineSnapshot, onCpu } from "./support.ts";

onCpu();

const x = tf.tensor2d(
  Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  [8, 3],
);
const y = tf.tensor2d(
  Array.from({ length: 16 }, (_, i) => Math.cos(3 * i)),
  [8, 2],
);

/** The function that tfjs-layers runs for one batch; it is not in its types. */
const trainFunction = (model: tfl.Sequential): ((data: tf.Tensor[]) => tf.Scalar[]) => {
  const { model: inner } = model as unknown as {
    readonly model: { makeTrainFunction(): (data: tf.Tensor[]) => tf.Scalar[] };
  };
  return inner.makeTrainFunction();
};

const network = (optimizer: () => tf.Optimizer): tfl.Sequential => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 5,
        activation: "tanh",
        inputShape: [3],
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
        kernelRegularizer: tfl.regularizers.l1l2(),
      }),
      tfl.layers.batchNormalization(),
      tfl.layers.dense({
        units: 2,
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  model.compile({ optimizer: optimizer(), loss: "meanSquaredError", metrics: ["mae"] });
  return model;
};

const weightsOf = (model: tfl.Sequential): number[][] =>
  model.getWeights().map((w) => Array.from(w.dataSync()));

const optimizers: readonly (readonly [string, () => tf.Optimizer])[] = [
  ["sgd", () => tf.train.sgd(0.1)],
  ["momentum", () => tf.train.momentum(0.1, 0.9, true)],
  ["adam", () => tf.train.adam(0.01)],
  ["adamax", () => tf.train.adamax(0.01)],
  ["adagrad", () => tf.train.adagrad(0.1)],
  ["adadelta", () => tf.train.adadelta(0.1)],
  ["rmsprop", () => tf.train.rmsprop(0.01, 0.9, 0.5, undefined, true)],
];

describe("an unmodified tfjs-layers model trains compiled as it does eagerly", () => {
  test.each(optimizers)("dense, batchNorm, l1l2 and %s: three steps", async (_, optimizer) => {
    const [eager, compiled] = [network(optimizer), network(optimizer)];
    expect(weightsOf(compiled)).toEqual(weightsOf(eager));
    // Optimizers make their variables on the first step, which therefore is an ordinary one.
    await eager.trainOnBatch(x, y);
    await compiled.trainOnBatch(x, y);
    const train = trainFunction(compiled);
    const step = compile((a: tf.Tensor, b: tf.Tensor) => train([a, b]));
    step(x, y).forEach((m) => {
      m.dispose();
    });
    await eager.trainOnBatch(x, y);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 2; i++) {
      const losses = step(x, y);
      const wanted = (await eager.trainOnBatch(x, y)) as number[];
      losses.forEach((loss, k) => {
        expect(Math.abs(loss.dataSync()[0]! - wanted[k]!)).toBeLessThan(1e-6);
        loss.dispose();
      });
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(step.traces).toBe(1);
    // Sums may be reordered: a few roundings in single precision per step.
    const reference = weightsOf(eager);
    weightsOf(compiled).forEach((w, k) => {
      w.forEach((v, i) => {
        expect(Math.abs(v - reference[k]![i]!)).toBeLessThan(1e-6);
      });
    });
    step.dispose();
    eager.dispose();
    compiled.dispose();
  });

  test("prediction: convolution, pooling, recurrent and embedding layers", () => {
    const image = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], activation: "relu" }),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3, activation: "softmax" }),
      ],
    });
    const words = tfl.sequential({
      layers: [
        tfl.layers.embedding({ inputDim: 7, outputDim: 4, inputLength: 5 }),
        tfl.layers.gru({ units: 3, recurrentInitializer: "glorotUniform" }),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    const pixels = tf.tensor4d(
      Array.from({ length: 72 }, (_, i) => Math.sin(i)),
      [2, 6, 6, 1],
    );
    const tokens = tf.tensor2d([1, 2, 3, 4, 5, 6, 5, 4, 0, 1], [2, 5]);
    for (const [model, input] of [
      [image, pixels],
      [words, tokens],
    ] as const) {
      const predict = compile((v: tf.Tensor) => model.apply(v) as tf.Tensor);
      const [got, wanted] = [predict(input), model.predict(input) as tf.Tensor];
      expect(got.shape).toEqual(wanted.shape);
      const reference = wanted.dataSync();
      got.dataSync().forEach((v, i) => {
        expect(Math.abs(v - reference[i]!)).toBeLessThan(1e-6);
      });
      predict.dispose();
      model.dispose();
    }
  });
});

test("the first step of an optimizer, which makes its variables, is refused and changes nothing", () => {
  const model = network(() => tf.train.adam(0.01));
  const train = trainFunction(model);
  const before = weightsOf(model);
  const engine = engineSnapshot();
  expect(() => trace((a: tf.Tensor, b: tf.Tensor) => train([a, b]), [x, y])).toThrow(
    "a tf.Variable was created while tracing (optimizers do so on their first step)",
  );
  expect(engineSnapshot()).toEqual(engine);
  expect(weightsOf(model)).toEqual(before);
  model.dispose();
});
