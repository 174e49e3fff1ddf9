// tfjs's cpu backend, on which the same model is trained, is the oracle.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { describe, expect, test } from "vitest";
import type { HostEngine } from "./host-engine.ts";
import { useHostBackend } from "./support.ts";

const ROWS = 24;
const BATCH = 8;
const EPOCHS = 3;
const TOLERANCE = 1e-5;

const network = (): tfl.Sequential => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 12,
        activation: "relu",
        inputShape: [6],
        // The gradient by a bias before a normalization is rounding errors only, which Adam scales up.
        useBias: false,
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
      }),
      tfl.layers.batchNormalization(),
      tfl.layers.dense({
        units: 3,
        activation: "softmax",
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
};

interface Trained {
  readonly losses: readonly number[];
  readonly weights: readonly (readonly number[])[];
  /** After each batch and each epoch. */
  readonly memory: readonly (readonly number[])[];
  readonly prepared: readonly number[];
}

const train = async (engine?: HostEngine): Promise<Trained> => {
  const x = tf.tensor2d(
    Float32Array.from({ length: ROWS * 6 }, (_, i) => Math.sin(i)),
    [ROWS, 6],
  );
  const labels = tf.tensor1d(
    Int32Array.from({ length: ROWS }, (_, i) => i % 3),
    "int32",
  );
  const y = tf.oneHot(labels, 3);
  const model = network();
  const memory: number[][] = [];
  const prepared: number[] = [];
  const seen = (): void => {
    const { numTensors, numBytes } = tf.memory();
    memory.push([numTensors, numBytes, engine?.heap.bytes ?? 0]);
    prepared.push(engine?.counts.prepared ?? 0);
  };
  const { history } = await model.fit(x, y, {
    epochs: EPOCHS,
    batchSize: BATCH,
    shuffle: false,
    verbose: 0,
    callbacks: { onBatchEnd: seen, onEpochEnd: seen },
  });
  const weights = model.getWeights().map((w) => Array.from(w.dataSync()));
  model.dispose();
  tf.dispose([x, y, labels]);
  tf.disposeVariables();
  return { losses: history.loss as number[], weights, memory, prepared };
};

describe("an unmodified tfjs-layers model", () => {
  test("trains as on tfjs's cpu backend, without leaks, and with each graph prepared once", async () => {
    await tf.setBackend("cpu");
    const expected = await train();
    const engine = await useHostBackend("layers-test", "lazy");
    const actual = await train(engine);

    expect(actual.losses.length).toBe(EPOCHS);
    for (const [i, loss] of actual.losses.entries()) {
      expect(Math.abs(loss - expected.losses[i]!)).toBeLessThan(TOLERANCE);
    }
    expect(actual.weights.length).toBe(expected.weights.length);
    for (const [i, weights] of actual.weights.entries()) {
      for (const [j, w] of weights.entries()) {
        expect(Math.abs(w - expected.weights[i]![j]!), `weight ${i}, ${j}`).toBeLessThan(TOLERANCE);
      }
    }

    const perEpoch = actual.memory.length / EPOCHS;
    expect(perEpoch).toBe(ROWS / BATCH + 1);
    const epoch = (list: readonly unknown[], i: number) =>
      list.slice(i * perEpoch, (i + 1) * perEpoch);
    // Batch by batch; the first batch of all also makes Adam's state.
    expect(epoch(actual.memory, 2)).toEqual(epoch(actual.memory, 1));
    expect(epoch(actual.memory, 1).slice(1)).toEqual(epoch(actual.memory, 0).slice(1));
    const tensors = ({ memory }: Trained) => memory.map(([count]) => count);
    expect(tensors(actual)).toEqual(tensors(expected));

    // One graph makes the state, one is a step; the mean over an epoch and the step after it are others.
    expect(epoch(actual.prepared, 0)[2]).toBe(actual.prepared[1]);
    for (const count of actual.prepared.slice(perEpoch))
      expect(count).toBe(actual.prepared[perEpoch]);
    expect(actual.prepared[perEpoch]).toBeLessThanOrEqual(actual.prepared[1]! + 2);
    expect(tf.memory().numTensors).toBe(0);
    expect(engine.heap.bytes).toBe(0);
  });
});
