import { random, treeDispose, treeLeaves } from "@layerwise/autodiff";
import { basicAutoencoder } from "@layerwise/autoencoders";
import { dense } from "@layerwise/layers";
import { classifier, encodeAll, errorRate, withPretrained } from "@layerwise/pretrain";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test, vi } from "vitest";
import { live, values } from "./data.ts";

const autoencoders = [4, 3].map((units) => basicAutoencoder({ units }));
const net = classifier({ layers: autoencoders.map((a) => a.encoder), classes: 2 });
const pretrained = autoencoders.map((a, i) => a.init(random.key(i + 1), [[6, 4][i] ?? 0]));
const key = random.key(9);
const leaves = (tree: unknown): number[][] => treeLeaves<unknown, tf.Tensor>(tree).map(values);

test("pre-trained layers are copied in, and what is above them is fresh", () => {
  const fresh = net.init(key, [6]);
  for (const count of [0, 1, 2]) {
    const before = live();
    const { params } = withPretrained(net, key, [6], pretrained.slice(0, count));
    const { body, head } = params as Record<string, Record<string, unknown>>;
    const wanted = fresh.params as Record<string, Record<string, unknown>>;
    for (const i of [0, 1]) {
      const source = i < count ? pretrained[i]?.params.encoder : wanted.body?.[i];
      expect(leaves(body?.[i])).toEqual(leaves(source));
    }
    expect(leaves(head)).toEqual(leaves(wanted.head));
    treeDispose(params);
    expect(live()).toBe(before);
  }
  expect(leaves(pretrained)).toHaveLength(6);
});

test("a pre-trained layer of another shape is an error with path and shapes", () => {
  const other = basicAutoencoder({ units: 5 }).init(random.key(0), [6]);
  const before = live();
  expect(() => withPretrained(net, key, [6], [other])).toThrow(
    "withPretrained: expected body.0.dense.bias [4], got [5]",
  );
  expect(() => withPretrained(net, key, [7], pretrained)).toThrow(
    "withPretrained: expected body.0.dense.kernel [7,4], got [6,4]",
  );
  expect(() => withPretrained(net, key, [6], [...pretrained, other])).toThrow(
    "withPretrained: expected at most 2 pre-trained layers, got 3",
  );
  expect(live()).toBe(before);
});

test("the first predictions are uniform: logits are 0", () => {
  const variables = net.init(key, [6]);
  const { y } = net.apply(variables, tf.ones([3, 6]));
  expect(values(y)).toEqual(Array(6).fill(0));
});

// Oracle: counted by hand. 2,300 rows are two pieces of 1,000 and one of 300.
test("the error rate counts wrong classes over pieces of different size", async () => {
  const count = 2300;
  const identity = dense({ units: 2 });
  const variables = {
    params: { kernel: tf.eye(2), bias: tf.zeros([2]) as tf.Tensor1D },
    state: null,
  };
  const classes = Array.from({ length: count }, (_, i) => i % 2);
  const wrong = new Set([0, 999, 1000, 2299]);
  const x = tf.tensor2d(classes.map((c, i) => ((c === 1) !== wrong.has(i) ? [0, 1] : [1, 0])));
  const labels = tf.tensor1d(classes, "int32");
  const before = live();
  const rate = await errorRate(identity as never, variables, x, labels);
  expect(rate).toBeCloseTo(wrong.size / count, 7);
  expect(live()).toBe(before);
});

test("encoding in pieces is the layer's output, row by row", () => {
  const layer = autoencoders[0]?.encoder as NonNullable<(typeof autoencoders)[0]>["encoder"];
  const state = {
    params: pretrained[0]?.params.encoder ?? null,
    state: pretrained[0]?.state.encoder ?? null,
  };
  const x = random.uniform(key, [1001, 6]);
  const before = live();
  const codes = encodeAll(layer, state, x);
  expect(live()).toBe(before + 1);
  const { y } = layer.apply(state, x);
  expect(codes.shape).toEqual([1001, 4]);
  // The same products in pieces of other sizes.
  expect(values(codes)).toEqual(values(y).map((v) => expect.closeTo(v, 6)));
});

test("no examples, or another number of labels, is an error with the counts", async () => {
  const variables = net.init(key, [6]);
  const state = { params: pretrained[0]?.params.encoder ?? null, state: null };
  const encoder = autoencoders[0]?.encoder as NonNullable<(typeof autoencoders)[0]>["encoder"];
  const none = tf.zeros([0, 6]);
  const [x, labels] = [tf.ones([3, 6]), tf.tensor1d([0, 1], "int32")];
  const empty = tf.tensor1d([], "int32");
  const before = live();
  expect(() => encodeAll(encoder, state, none)).toThrow(
    "encodeAll: expected at least 1 example, got 0 (x [0, 6])",
  );
  await expect(errorRate(net, variables, none, empty)).rejects.toThrow(
    "errorRate: expected at least 1 example, got x [0, 6] and labels [0]",
  );
  await expect(errorRate(net, variables, x, labels)).rejects.toThrow(
    "errorRate: expected labels [3], got x [3, 6] and labels [2]",
  );
  expect(live()).toBe(before);
});

test("the error rate frees everything where the network or the reading back fails", async () => {
  const variables = net.init(key, [6]);
  const [x, labels] = [tf.ones([3, 6]), tf.tensor1d([0, 1, 0], "int32")];
  const before = live();
  await expect(errorRate(net, variables, x, labels)).resolves.toBeTypeOf("number");
  const data = vi.spyOn(tf.Tensor.prototype, "data").mockRejectedValue(new Error("device lost"));
  await expect(errorRate(net, variables, x, labels)).rejects.toThrow("device lost");
  data.mockRestore();
  const narrow = tf.ones([3, 5]);
  await expect(errorRate(net, variables, narrow, labels)).rejects.toThrow();
  narrow.dispose();
  expect(live()).toBe(before);
});
