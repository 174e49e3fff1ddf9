import { random, treeDispose, treeLeaves, treePaths } from "@layerwise/autodiff";
import {
  type AutoencoderVariables,
  basicAutoencoder,
  denoisingAutoencoder,
  masking,
  squaredError,
} from "@layerwise/autoencoders";
import { batches } from "@layerwise/data";
import { maskingNoise } from "@layerwise/dropout";
import { sgd } from "@layerwise/optim";
import {
  DivergenceError,
  type EpochEvent,
  type FitEvent,
  finish,
  type GreedyOptions,
  pretrainGreedy,
} from "@layerwise/pretrain";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import { live, patterns, values } from "./data.ts";

const { x } = patterns(60);
const layer = (units: number, epochs = 5, learningRate = 0.1) => ({
  autoencoder: denoisingAutoencoder({ units, corruption: masking(0.2) }),
  optimizer: sgd({ learningRate }),
  epochs,
  batchSize: 10,
});
const run = async (options: Partial<GreedyOptions> = {}) => {
  const epochs: EpochEvent[] = [];
  const key = random.key(1);
  const onEvent = (event: FitEvent) => event.type === "epoch" && epochs.push(event);
  const result = await finish(
    pretrainGreedy({ layers: [layer(8), layer(4)], data: x, key, ...options }),
    onEvent,
  ).finally(() => key.dispose());
  return { ...result, epochs };
};
const numbers = (variables: readonly AutoencoderVariables[]): number[][] =>
  treeLeaves<readonly AutoencoderVariables[], tf.Tensor>(variables).map(values);

test("reconstruction losses fall in every layer, and every epoch is told", async () => {
  const { variables, epochs, interrupted } = await run();
  expect(interrupted).toBe(false);
  expect(epochs.map(({ phase, epoch }) => [phase, epoch])).toEqual(
    [0, 1].flatMap((i) =>
      [0, 1, 2, 3, 4].map((epoch) => [{ kind: "pretrain", layer: i, layers: 2 }, epoch]),
    ),
  );
  for (const at of [0, 5]) {
    expect(epochs[at + 4]?.loss).toBeLessThan(epochs[at]?.loss ?? 0);
  }
  expect(epochs.at(-1)).toMatchObject({ step: 30, steps: 30, epochs: 5 });
  treeDispose(variables);
});

test("each layer has the shape of the codes below", async () => {
  const { variables } = await run();
  const shapes = treeLeaves<readonly AutoencoderVariables[], tf.Tensor>(variables).map(
    (leaf) => leaf.shape,
  );
  expect(Object.fromEntries(treePaths(variables).map((path, i) => [path, shapes[i]]))).toEqual({
    "0.params.encoder.dense.kernel": [12, 8],
    "0.params.encoder.dense.bias": [8],
    "0.params.decoder.bias": [12],
    "1.params.encoder.dense.kernel": [8, 4],
    "1.params.encoder.dense.bias": [4],
    "1.params.decoder.bias": [8],
  });
  treeDispose(variables);
});

test("the same key and seed give the same numbers, others do not", async () => {
  const [one, two, otherKey, otherSeed] = [
    await run(),
    await run(),
    await run({ key: random.key(2) }),
    await run({ seed: 1 }),
  ].map(({ variables }) => numbers(variables));
  expect(two).toEqual(one);
  expect(otherKey).not.toEqual(one);
  expect(otherSeed).not.toEqual(one);
});

// Oracle: the same training written with tfjs's operations and derivatives by hand. What differs is
// the order in which float32 sums are taken: a few units in the last place for each of 6 steps.
test("parameters equal those of a plain tfjs training loop", async () => {
  const [units, learningRate, batchSize, rate] = [5, 0.5, 10, 0.2];
  const model = denoisingAutoencoder({ units, corruption: masking(rate) });
  const [initKey, fitKey] = random.split(random.foldIn(random.key(1), 0));
  const first = model.init(initKey, [12]).params as {
    encoder: { dense: { kernel: tf.Tensor2D; bias: tf.Tensor } };
    decoder: { bias: tf.Tensor };
  };
  let [w, b, c] = [first.encoder.dense.kernel, first.encoder.dense.bias, first.decoder.bias];
  let step = 0;
  for (const { indices } of batches(60, batchSize, { seed: 3 })) {
    const clean = tf.gather(x, tf.tensor1d(indices, "int32")) as tf.Tensor2D;
    const stepKey = random.foldIn(fitKey, step++);
    const seen = maskingNoise(random.split(stepKey)[0], clean, rate) as tf.Tensor2D;
    const h = tf.sigmoid(tf.add(tf.matMul(seen, w), b)) as tf.Tensor2D;
    const r = tf.sigmoid(tf.add(tf.matMul(h, w, false, true), c));
    // The derivative of cross-entropy by the decoder's output before the sigmoid is r − x.
    const dOutput = tf.div(tf.sub(r, clean), batchSize) as tf.Tensor2D;
    const dCode = tf.mul(tf.matMul(dOutput, w), tf.mul(h, tf.sub(1, h))) as tf.Tensor2D;
    const dKernel = tf.add(tf.matMul(seen, dCode, true), tf.matMul(dOutput, h, true));
    const down = <T extends tf.Tensor>(p: T, g: tf.Tensor): T =>
      tf.sub(p, tf.mul(g, learningRate)) as T;
    [w, b, c] = [down(w, dKernel), down(b, tf.sum(dCode, 0)), down(c, tf.sum(dOutput, 0))];
  }
  const { variables } = await run({
    layers: [{ autoencoder: model, optimizer: sgd({ learningRate }), epochs: 1, batchSize }],
    seed: 3,
  });
  // Leaves of a tree come in the order of their names.
  const close = [c, b, w].map((v) => values(v).map((n) => expect.closeTo(n, 5)));
  expect(numbers(variables)).toEqual(close);
  expect(values(w)).not.toEqual(values(first.encoder.dense.kernel));
});

test("the signal keeps what was done, and ends after the present step", async () => {
  const signal = { aborted: false };
  const options = { layers: [layer(8, 1), layer(4, 1000), layer(3)], data: x, key: random.key(1) };
  let steps = 0;
  const { variables, interrupted } = await finish(
    pretrainGreedy({ ...options, signal }),
    (event) => {
      if (event.phase.kind !== "pretrain" || event.phase.layer !== 1) return;
      signal.aborted = true;
      steps = event.step;
    },
  );
  expect(interrupted).toBe(true);
  expect(steps).toBeGreaterThan(0);
  const decoderShapes = variables.map(({ params }) => {
    const { bias } = params.decoder as { bias: tf.Tensor };
    return bias.shape;
  });
  expect(decoderShapes).toEqual([[12], [8]]);
  const { variables: alone } = await finish(pretrainGreedy({ ...options, layers: [layer(8, 1)] }));
  expect(numbers(variables.slice(0, 1))).toEqual(numbers(alone));
});

test("a loss that is not finite is an error that names the layer", async () => {
  // The second layer's squared error grows without bound at this rate.
  const wild = {
    ...layer(4, 30, 1e6),
    autoencoder: basicAutoencoder({
      units: 4,
      activation: "identity",
      reconstruction: squaredError,
    }),
  };
  const before = live();
  const failure = await run({ layers: [layer(8), wild] }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DivergenceError);
  expect(String(failure)).toMatch(
    /pre-training of layer 2\/2, epoch \d+: the loss is (NaN|Infinity)/,
  );
  expect(live()).toBe(before);
});

test("a layer that does not fit the data says so with shapes", async () => {
  const labels = tf.zeros([4]);
  await expect(run({ data: labels })).rejects.toThrow(/dense.*expected input shape .*got \[\]/);
});

test("everything but the result is freed, and the result belongs to the caller", async () => {
  const before = live();
  const { variables } = await run();
  treeDispose(variables);
  expect(live()).toBe(before);
  expect(x.isDisposed).toBe(false);
});

test("everything is freed where the consumer stops listening, or a layer does not fit", async () => {
  const before = live();
  const key = random.key(1);
  for (const last of [0, 1]) {
    const layers = [layer(8), layer(4)];
    for await (const { phase } of pretrainGreedy({ layers, data: x, key })) {
      if (phase.kind === "pretrain" && phase.layer === last) break;
    }
  }
  key.dispose();
  const labels = tf.zeros([4]);
  await run({ data: labels }).catch(() => {});
  labels.dispose();
  expect(live()).toBe(before);
});

test("data outside the range of the likelihood are an error; other likelihoods take them", async () => {
  const data = tf.tensor2d([
    [-1, 0],
    [0.5, 3],
  ]);
  const before = live();
  await expect(run({ data })).rejects.toThrow(
    "pretrainGreedy: expected data in [0, 1], got -1 … 3",
  );
  expect(live()).toBe(before);
  const autoencoder = basicAutoencoder({ units: 3, reconstruction: squaredError });
  const { variables } = await run({ data, layers: [{ ...layer(3, 1, 0.01), autoencoder }] });
  treeDispose([variables, data]);
  await expect(run({ data })).rejects.toThrow("pretrainGreedy: data [2,2] is disposed");
});

test("codes outside the range of the next layer's likelihood are an error", async () => {
  const tanh = { ...layer(6, 1), autoencoder: basicAutoencoder({ units: 6, activation: "tanh" }) };
  const before = live();
  await expect(run({ layers: [tanh, tanh] })).rejects.toThrow(
    "pretrainGreedy: expected codes of layer 1 in [0, 1], got -",
  );
  expect(live()).toBe(before);
});
