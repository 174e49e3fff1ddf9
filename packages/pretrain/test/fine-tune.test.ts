import { random, type TensorTree, treeDispose, treeLeaves, treeMap } from "@layerwise/autodiff";
import { basicAutoencoder } from "@layerwise/autoencoders";
import type { Variables } from "@layerwise/layers";
import { adam, sgd } from "@layerwise/optim";
import {
  classifier,
  errorRate,
  type FitEvent,
  fineTune,
  finish,
  type Stage,
} from "@layerwise/pretrain";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import { partOf } from "../src/classifier.ts";
import { live, patterns, values } from "./data.ts";

const { x, labels } = patterns(60);
const net = classifier({
  layers: [basicAutoencoder({ units: 6 }).encoder, basicAutoencoder({ units: 5 }).encoder],
  classes: 2,
});
const variables = net.init(random.key(0), [12]);
const key = random.key(1);
const stage = (train: "head" | "all", epochs = 3): Stage => ({
  train,
  optimizer: adam({ learningRate: 0.05 }),
  epochs,
  batchSize: 10,
});
const run = (stages: readonly Stage[], more = {}, onEvent?: (event: FitEvent) => void) =>
  finish(fineTune({ net, variables, x, labels, stages, key, ...more }), onEvent);
const numbers = (v: Variables): number[][] => treeLeaves<Variables, tf.Tensor>(v).map(values);

test("learns what can be learnt, and reports the measure after every epoch", async () => {
  const measured: (number | undefined)[] = [];
  const evaluate = async (v: Variables) => ({ train: await errorRate(net, v, x, labels) });
  const result = await run([stage("head"), stage("all", 20)], { evaluate }, (event) => {
    if (event.type === "epoch") measured.push(event.metrics.train);
  });
  expect(measured).toHaveLength(23);
  // The nearest pattern is right for these rows, so a network can be.
  expect(measured.at(-1)).toBe(0);
  expect(await errorRate(net, result.variables, x, labels)).toBe(0);
  treeDispose(result.variables);
});

test("training the head leaves the layers below as they are, bit for bit, and borrows them", async () => {
  const before = numbers(variables);
  const result = await run([stage("head")]);
  expect(numbers(partOf(result.variables, "body"))).toEqual(numbers(partOf(variables, "body")));
  expect(numbers(partOf(result.variables, "head"))).not.toEqual(numbers(partOf(variables, "head")));
  treeDispose(result.variables);
  expect(numbers(variables)).toEqual(before);
});

test("the head on codes learns as it does on top of a body that does not move", async () => {
  // Oracle: the whole network trained with a body whose updates are multiplied by 0.
  const optimizer = sgd({ learningRate: 0.3 });
  const frozen: Stage["optimizer"] = {
    ...optimizer,
    update: (grads, state, params) => {
      const next = optimizer.update(grads, state as never, params);
      const { body, head } = next.updates as unknown as Record<"body" | "head", TensorTree>;
      const still = treeMap<TensorTree, tf.Tensor, [], tf.Tensor>((u) => tf.zerosLike(u), body);
      return { ...next, updates: { body: still, head } as unknown as typeof grads };
    },
  };
  const common = { epochs: 2, batchSize: 10 };
  const [alone, whole] = [
    await run([{ ...common, train: "head", optimizer }]),
    await run([{ ...common, train: "all", optimizer: frozen }]),
  ];
  const heads = [alone, whole].map((r) => numbers(partOf(r.variables, "head")));
  // The same sums of float32 in another order.
  expect(heads[0]).toEqual(heads[1]?.map((row) => row.map((n) => expect.closeTo(n, 5))));
});

test("the same key and seed give the same numbers", async () => {
  const [one, two, other] = [
    await run([stage("head"), stage("all")]),
    await run([stage("head"), stage("all")]),
    await run([stage("head"), stage("all")], { seed: 5 }),
  ].map((r) => numbers(r.variables));
  expect(two).toEqual(one);
  expect(other).not.toEqual(one);
});

test("the signal ends a stage after the present step and skips those that follow", async () => {
  const signal = { aborted: false };
  const phases: unknown[] = [];
  const result = await run([stage("head", 1000), stage("all")], { signal }, (event) => {
    phases.push(event.phase);
    signal.aborted = true;
  });
  expect(result.interrupted).toBe(true);
  expect(phases).toEqual([{ kind: "fine-tune", stage: 0, stages: 2 }]);
  treeDispose(result.variables);
});

test("labels of another number than examples are an error", async () => {
  const few = patterns(20).labels;
  await expect(run([stage("all")], { labels: few })).rejects.toThrow(
    "fineTune: expected labels [60], got x [60, 12] and labels [20]",
  );
});

test("labels that are no classes, or no int32, are an error", async () => {
  const wrong = tf.tensor1d([-5, 2, ...Array(58).fill(1)], "int32");
  const before = live();
  for (const train of ["head", "all"] as const) {
    await expect(run([stage(train)], { labels: wrong })).rejects.toThrow(
      "fineTune: expected labels 0 to 1, got -5 … 2",
    );
  }
  await expect(errorRate(net, variables, x, wrong)).rejects.toThrow(
    "errorRate: expected labels 0 to 1, got -5 … 2",
  );
  expect(live()).toBe(before);
  const floats = tf.cast(labels, "float32");
  await expect(run([stage("all")], { labels: floats })).rejects.toThrow(
    "fineTune: expected int32 labels, got float32",
  );
  treeDispose([wrong, floats]);
});

test("stages that say nothing to do are an error that names the stage", async () => {
  await expect(run([])).rejects.toThrow("fineTune: expected at least 1 stage, got none");
  await expect(run([stage("head"), stage("body" as never)])).rejects.toThrow(
    'fineTune: expected train "head" or "all", got "body" (fine-tuning stage 2/2)',
  );
});

test("a disposed tensor is an error that names it", async () => {
  const [gone, begun] = [tf.clone(labels), net.init(random.key(0), [12])];
  gone.dispose();
  await expect(run([stage("all")], { labels: gone })).rejects.toThrow(
    'fineTune: "labels" [60] is disposed',
  );
  treeDispose(partOf(begun, "head"));
  await expect(run([stage("all")], { variables: begun })).rejects.toThrow(
    'fineTune: "variables.params.head.bias" [2] is disposed',
  );
  treeDispose(partOf(begun, "body"));
});

test("everything but the result is freed, also after an error", async () => {
  const before = live();
  treeDispose((await run([stage("head"), stage("all"), stage("head")])).variables);
  await run([stage("head"), { ...stage("all"), epochs: -1 }]).catch(() => {});
  const { labels: few } = patterns(20);
  await run([stage("head"), stage("all")], { labels: few }).catch(() => {});
  few.dispose();
  expect(live()).toBe(before + 1); // x of patterns(20)
});

test("everything is freed where the consumer stops listening", async () => {
  const before = live();
  for (const stages of [[stage("head"), stage("all")], [stage("all")]]) {
    for await (const event of fineTune({ net, variables, x, labels, stages, key })) {
      if (event.step === event.steps) break;
    }
  }
  for await (const { phase } of fineTune({
    net,
    variables,
    x,
    labels,
    stages: [stage("head"), stage("all")],
    key,
  })) {
    if (phase.kind === "fine-tune" && phase.stage === 1) break;
  }
  expect(live()).toBe(before);
});
