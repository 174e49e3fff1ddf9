import { random, treeDispose } from "@layerwise/autodiff";
import { dense, type Layer, squaredError, type Variables } from "@layerwise/layers";
import { adam } from "@layerwise/optim";
import { type FitOptions, finish, fit } from "@layerwise/pretrain";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import { live, values } from "./data.ts";

const layer = dense({ units: 1 }) as Layer;
const x = tf.reshape(tf.linspace(-1, 1, 10), [10, 1]);
const data = { x, y: tf.mul(x, 3) };
const variables = layer.init(random.key(0), [1]);
const options: FitOptions = {
  variables,
  data,
  loss: (v, batch) => {
    const { y, state } = layer.apply(v, batch.x as tf.Tensor);
    return { loss: squaredError(y, batch.y as tf.Tensor), state };
  },
  optimizer: adam({ learningRate: 0.1 }),
  epochs: 2,
  key: random.key(1),
  phase: { kind: "fine-tune", stage: 0, stages: 1 },
};
const kernel = (v: Variables): number[] =>
  values((v.params as { readonly kernel: tf.Tensor }).kernel);

test.each([
  ["one batch per epoch", 10],
  ["many batches per epoch", 1],
])("a timer gets its turn and can end the run: %s", async (_, batchSize) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 0);
  const { signal } = controller;
  // Seconds of work, of which a few tenths are done; without a turn for the timer it would all be.
  const run = fit({ ...options, epochs: 20_000, batchSize, signal });
  const result = await finish(run);
  expect(result.interrupted).toBe(true);
  treeDispose(result.variables);
});

test("no step is done where the signal had ended the run before it began", async () => {
  const before = live();
  const events: unknown[] = [];
  const run = fit({ ...options, signal: { aborted: true } });
  const result = await finish(run, (event) => events.push(event));
  expect(result.interrupted).toBe(true);
  expect(events).toEqual([]);
  expect(kernel(result.variables)).toEqual(kernel(variables));
  treeDispose(result.variables);
  expect(live()).toBe(before);
});

test("evaluate gets the variables and nothing else", async () => {
  const seen: string[][] = [];
  const evaluate = async (v: Variables) => {
    seen.push(Object.keys(v).sort());
    return {};
  };
  const result = await finish(fit({ ...options, evaluate }));
  expect(seen).toEqual(Array(2).fill(["params", "state"]));
  treeDispose(result.variables);
});

test("everything is freed where the loss, the optimizer or the listener fails", async () => {
  const fail = (): never => {
    throw new Error("no");
  };
  const before = live();
  const failing: FitOptions[] = [
    { ...options, loss: fail },
    { ...options, optimizer: { ...options.optimizer, init: fail } },
    { ...options, optimizer: { ...options.optimizer, update: fail } },
    { ...options, evaluate: fail },
  ];
  for (const each of failing) await expect(finish(fit(each))).rejects.toThrow("no");
  await expect(finish(fit(options), fail)).rejects.toThrow("no");
  expect(live()).toBe(before);
});

test("epochs and batch sizes that are no such numbers are an error that names them", async () => {
  const before = live();
  for (const epochs of [undefined, -1, 1.5, Infinity]) {
    await expect(finish(fit({ ...options, epochs } as FitOptions))).rejects.toThrow(
      `fit: expected epochs to be an integer >= 0, got ${epochs} (fine-tuning stage 1/1)`,
    );
  }
  for (const batchSize of [0, 2.5, NaN]) {
    await expect(finish(fit({ ...options, batchSize }))).rejects.toThrow(
      `fit: expected batchSize to be an integer >= 1, got ${batchSize} (fine-tuning stage 1/1)`,
    );
  }
  expect(live()).toBe(before);
});

test("a disposed tensor is an error that names it", async () => {
  const gone = { ...data, y: tf.zeros([10, 1]) };
  gone.y.dispose();
  await expect(finish(fit({ ...options, data: gone }))).rejects.toThrow(
    'fit: data "y" [10,1] is disposed',
  );
  const begun = layer.init(random.key(0), [1]);
  treeDispose(begun);
  await expect(finish(fit({ ...options, variables: begun }))).rejects.toThrow(
    'fit: variables "params.bias" [1] is disposed',
  );
});
