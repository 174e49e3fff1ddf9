import { grad, random, treePaths } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { activation, dense, describe, LayerError, sequential, toTable } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

// A layer with state and a use for keys: counts its training calls and records what it was given.
function probe(seen: { key: string | undefined; training: boolean | undefined }[]) {
  return Object.freeze({
    kind: "probe",
    init: () => ({ params: null, state: { calls: tf.scalar(0) } }),
    apply: ({ state }, x, { key, training } = {}) => {
      seen.push({ key: key && String(key.dataSync()), training });
      return { y: tf.clone(x), state: { calls: tf.add(state.calls, training ? 1 : 0) } };
    },
    outputShape: (shape) => shape,
  } satisfies Layer<null, { readonly calls: tf.Tensor }>);
}

test("a list is keyed by position, a record by name; both compose the layers in order", () => {
  const list = sequential([dense({ units: 3 }), activation("tanh"), dense({ units: 1 })]);
  const key = random.key(1);
  const variables = list.init(key, [2]);
  expectTypeOf(variables.params["0"].kernel).toEqualTypeOf<tf.Tensor2D>();
  expectTypeOf(variables.params["1"]).toEqualTypeOf<null>();
  expect(treePaths(variables.params)).toEqual(["0.bias", "0.kernel", "2.bias", "2.kernel"]);
  expect(variables.state).toEqual({ 0: null, 1: null, 2: null });

  const x = tf.tensor2d([[1, -2]]);
  const { y } = list.apply(variables, x);
  const hidden = tf.tanh(tf.matMul(x, variables.params["0"].kernel));
  expect(maxDifference(y, tf.matMul(hidden, variables.params["2"].kernel).arraySync())).toBe(0);

  const record = sequential({ hidden: dense({ units: 3 }), out: dense({ units: 1 }) });
  const { params } = record.init(key, [2]);
  expectTypeOf(params.hidden.kernel).toEqualTypeOf<tf.Tensor2D>();
  expect(treePaths(params)).toEqual(["hidden.bias", "hidden.kernel", "out.bias", "out.kernel"]);
  expect(Object.keys(record.layers)).toEqual(["hidden", "out"]);
  expect([list.outputShape([2]), record.outputShape([7, 2])]).toEqual([[1], [7, 1]]);
});

test("equal layers get different parameters; every layer gets its own key", () => {
  const seen: { key: string | undefined; training: boolean | undefined }[] = [];
  const net = sequential([dense({ units: 4 }), dense({ units: 4 }), probe(seen), probe(seen)]);
  const variables = net.init(random.key(1), [4]);
  const { params } = variables;
  expect(maxDifference(params["0"].kernel, params["1"].kernel.arraySync())).toBeGreaterThan(0.01);
  net.apply(variables, tf.ones([1, 4]), { key: random.key(2), training: true });
  net.apply(variables, tf.ones([1, 4]));
  expect(new Set(seen.slice(0, 2).map(({ key }) => key)).size).toBe(2);
  expect(seen.slice(2).map(({ key }) => key)).toEqual([undefined, undefined]);
  expect(seen.map(({ training }) => training)).toEqual([true, true, undefined, undefined]);
});

test("state goes in and comes out; the old one is untouched", () => {
  const net = sequential({ a: probe([]), inner: sequential([probe([])]) });
  const first = net.init(random.key(0), [2]);
  const { state } = net.apply(first, tf.ones([1, 2]), { training: true });
  const second = net.apply({ params: first.params, state }, tf.ones([1, 2]), { training: true });
  expectTypeOf(second.state.inner["0"].calls).toEqualTypeOf<tf.Tensor>();
  expect(second.state.inner["0"].calls.dataSync()[0]).toBe(2);
  expect(first.state.a.calls.dataSync()[0]).toBe(0);
});

test("apply and init leave no temporaries, also when a layer throws", () => {
  const net = sequential([dense({ units: 3 }), activation("relu"), dense({ units: 2 })]);
  const key = random.key(0);
  const start = alive();
  const variables = net.init(key, [4]);
  expect(alive()).toBe(start + 4);
  const x = tf.ones([5, 4]);
  const before = alive();
  net.apply(variables, x, { key, training: true });
  expect(alive()).toBe(before + 1);
  expect(() => net.apply(variables, tf.ones([5, 3]))).toThrow();
  expect(alive()).toBe(before + 2);
});

test("gradients reach every layer (oracle: central differences)", () => {
  const net = sequential({
    hidden: dense({ units: 3 }),
    act: activation("tanh"),
    out: dense({ units: 1 }),
  });
  const { params, state } = net.init(random.key(4), [2]);
  const x = tf.tensor2d([
    [0.5, -1],
    [2, 0.3],
  ]);
  const loss = (p: typeof params) => tf.sum(tf.square(net.apply({ params: p, state }, x).y));
  const gradient = grad(loss)(params).hidden.kernel.dataSync();
  const h = 1e-2;
  const values = params.hidden.kernel.dataSync();
  const at = (i: number, delta: number): number => {
    const kernel = tf.tensor2d(
      values.map((v, j) => v + (i === j ? delta : 0)),
      [2, 3],
    );
    return loss({ ...params, hidden: { ...params.hidden, kernel } }).dataSync()[0] ?? 0;
  };
  // f32 values over a step of 1e-2: rounding 1e-5, curvature 1e-4.
  values.forEach((_, i) => {
    expect(Math.abs((at(i, h) - at(i, -h)) / (2 * h) - (gradient[i] ?? 0))).toBeLessThan(2e-3);
  });
});

test("errors carry the path of the layer", () => {
  const net = sequential({ encoder: sequential([dense({ units: 3 }), dense({ units: 3 })]) });
  const variables = net.init(random.key(0), [4]);
  const wrong = {
    params: { encoder: { ...variables.params.encoder, 1: variables.params.encoder[0] } },
    state: variables.state,
  };
  expect(() => net.apply(wrong, tf.ones([8, 4]))).toThrow(
    "encoder.1 (dense): expected input [batch, ..., 4], got [8, 3]",
  );
  expect(() => net.apply(variables, tf.ones([8, 5]))).toThrow(LayerError);
  expect(() => net.init(random.key(0), [])).toThrow("encoder.0 (dense): expected input shape");
  const broken = { params: { encoder: {} }, state: { encoder: {} } } as unknown as typeof variables;
  expect(() => net.apply(broken, tf.ones([8, 4]))).toThrow(
    'encoder.0 (dense): expected variables named "0", got none',
  );
  expect(() => sequential({ 1: dense({ units: 1 }) })).toThrow(
    'sequential: expected names that are not numbers (a list numbers its layers), got "1"',
  );
  const foreign = sequential([
    activation(
      () => {
        throw new TypeError("boom");
      },
      { name: "odd" },
    ),
  ]);
  expect(() => foreign.apply({ params: { 0: null }, state: { 0: null } }, tf.ones([1]))).toThrow(
    "0 (odd): boom",
  );
});

test("describe lists layers with shapes and counts; toTable prints them", () => {
  const net = sequential({
    encoder: sequential([dense({ units: 30 }), activation("sigmoid")]),
    out: dense({ units: 784, useBias: false }),
  });
  const rows = describe(net, net.init(random.key(0), [784]), [784]);
  expect(toTable(rows)).toBe(
    [
      "layer      kind     output  parameters  flops  activations",
      "encoder.0  dense    [30]         23550  47070           30",
      "encoder.1  sigmoid  [30]             0     30           30",
      "out        dense    [784]        23520  47040          784",
      "total                            47070  94140          844",
    ].join("\n"),
  );
  const single = dense({ units: 2 });
  expect(describe(single, single.init(random.key(0), [3]), [3])).toEqual([
    {
      path: "",
      kind: "dense",
      inputShape: [3],
      outputShape: [2],
      parameters: 8,
      flops: 14,
      activations: 2,
    },
  ]);
});

test("an empty sequence is the identity", () => {
  const net = sequential([]);
  const x = tf.tensor1d([1, 2]);
  const { y } = net.apply(net.init(random.key(0), [2]), x, { key: random.key(1) });
  expect(y).not.toBe(x);
  expect(maxDifference(y, [1, 2])).toBe(0);
});
