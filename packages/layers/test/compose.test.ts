import { grad, random, treeLeaves, treePaths } from "@layerwise/autodiff";
import {
  activation,
  dense,
  freeze,
  type Layer,
  LayerError,
  lambda,
  parallel,
  residual,
  sequential,
  tie,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { layerContract } from "./support/contract.ts";

const layer = (made: unknown): Layer => made as Layer;
const autoencoder = () =>
  tie(
    sequential({
      encoder: dense({ units: 3 }),
      act: activation("tanh"),
      decoder: dense({ units: 5 }),
    }),
    {
      "decoder.kernel": { from: "encoder.kernel", map: (w) => tf.transpose(w) },
    },
  );

const noisy = lambda((x, { key, training }) =>
  training && key ? tf.add(x, random.normal(key, x.shape)) : tf.tanh(x),
);

for (const row of [
  {
    name: "parallel (concat)",
    make: () => layer(parallel([dense({ units: 3 }), activation("tanh")])),
    refuses: [[3, 4]],
  },
  {
    name: "parallel (sum)",
    make: () =>
      layer(parallel({ a: dense({ units: 5 }), b: activation("tanh") }, { combine: "sum" })),
    refuses: [[3, 4]],
    refusesShapes: [[4]],
  },
  {
    name: "residual",
    make: () => layer(residual(dense({ units: 5 }))),
    refuses: [[3, 4]],
    refusesShapes: [[4]],
  },
  {
    name: "residual with shortcut and gain",
    make: () => layer(residual(dense({ units: 2 }), { shortcut: dense({ units: 2 }), gain: 0.5 })),
    refuses: [[3, 4]],
  },
  { name: "lambda", make: () => layer(noisy), refuses: [] },
  { name: "tie", make: () => layer(autoencoder()), refuses: [[3, 4]] },
]) {
  layerContract({ inputShape: [5], ...row });
}

const key = random.key(3);
const x = tf.tensor2d([
  [1, -2],
  [0.5, 3],
]);

describe("parallel", () => {
  test("joins or adds what its layers give (by hand)", () => {
    const parts = { double: lambda((v) => tf.mul(v, 2)), negative: lambda((v) => tf.neg(v)) };
    const run = (options: object): tf.Tensor => {
      const net = parallel(parts, options);
      return net.apply(net.init(key, [2]), x).y;
    };
    expect(run({}).arraySync()).toEqual([
      [2, -4, -1, 2],
      [1, 6, -0.5, -3],
    ]);
    expect(maxDifference(run({ combine: "sum" }), x.arraySync())).toBe(0);
    const images = parallel([activation("relu"), activation("relu")], { axis: 1 });
    expect(images.outputShape([4, 6, 3])).toEqual([8, 6, 3]);
    expect(
      parallel([activation("relu"), activation("relu")], { axis: -2 }).outputShape([4, 6, 3]),
    ).toEqual([4, 12, 3]);
  });

  test("types and names are those of sequential; errors name the layers", () => {
    const net = parallel({ a: dense({ units: 2 }), b: dense({ units: 3 }) });
    const { params } = net.init(key, [2]);
    expectTypeOf(params.a.kernel).toEqualTypeOf<tf.Tensor2D>();
    expect(treePaths(params)).toEqual(["a.bias", "a.kernel", "b.bias", "b.kernel"]);
    expect(
      maxDifference(params.a.kernel, tf.slice(params.b.kernel, [0, 0], [2, 2]).arraySync()),
    ).toBeGreaterThan(0.01);
    const sum = parallel({ a: dense({ units: 2 }), b: dense({ units: 3 }) }, { combine: "sum" });
    expect(() => sum.outputShape([2])).toThrow(
      "parallel: expected outputs of equal shapes, got a [2], b [3]",
    );
    expect(() => parallel([dense({ units: 2 })], { axis: 5 }).outputShape([2])).toThrow(
      "parallel: expected outputs of shapes equal except for axis 5, got 0 [2]",
    );
    expect(() => parallel([])).toThrow("parallel: expected at least one layer, got none");
    expect(() => parallel([dense({ units: 1 })], { axis: 0 })).toThrow(LayerError);
    expect(() => parallel({ 1: dense({ units: 1 }) })).toThrow(
      "expected names that are not numbers",
    );
  });
});

describe("residual", () => {
  test("adds; from gain 0 it is the shortcut alone, and the gain has a gradient", () => {
    const triple = lambda((v) => tf.mul(v, 3));
    const plain = residual(triple);
    const variables = plain.init(key, [2]);
    expect(variables).toEqual({
      params: { shortcut: null, body: null, gain: null },
      state: { shortcut: null, body: null },
    });
    expect(maxDifference(plain.apply(variables, x).y, tf.mul(x, 4).arraySync())).toBe(0);
    const gated = residual(triple, { gain: 0 });
    const { params, state } = gated.init(key, [2]);
    expect(maxDifference(gated.apply({ params, state }, x).y, x.arraySync())).toBe(0);
    const slope = grad((p: typeof params) => tf.sum(gated.apply({ params: p, state }, x).y))(
      params,
    );
    expect(slope.gain?.dataSync()[0]).toBe(3 * 2.5);
  });

  test("names what does not fit", () => {
    expect(() => residual(dense({ units: 3 })).outputShape([2])).toThrow(
      "residual: expected the body to give the input's shape [2], got [3]",
    );
    const wrong = residual(dense({ units: 3 }), { shortcut: dense({ units: 4 }) });
    expect(() => wrong.init(key, [2])).toThrow(
      "residual: expected the body to give the shortcut's shape [4], got [3]",
    );
    expect(() => residual(dense({ units: 3 }), { gain: Number.NaN })).toThrow(
      "expected a finite gain",
    );
    const deep = residual(sequential([dense({ units: 3 })]));
    const { params, state } = deep.init(key, [3]);
    const broken = { ...params, body: { 0: { kernel: tf.ones([2, 3]), bias: null } } };
    expect(() => deep.apply({ params: broken as typeof params, state }, tf.ones([1, 3]))).toThrow(
      "body.0 (dense): expected input [batch, ..., 2], got [1, 3]",
    );
  });
});

test("lambda: the output shape is traced; an argument handed back is copied", () => {
  const pooled = lambda((v) => tf.mean(v, 1), { name: "pooled" });
  expect([pooled.kind, pooled.outputShape([10, 8])]).toEqual(["pooled", [8]]);
  const told = lambda((v) => v, { outputShape: () => [7] });
  expect(told.outputShape([2])).toEqual([7]);
  const { y } = told.apply({ params: null, state: null }, x);
  expect(y).not.toBe(x);
});

describe("freeze", () => {
  const net = sequential({ encoder: sequential([dense({ units: 3 })]), head: dense({ units: 1 }) });
  const { params, state } = net.init(key, [2]);
  type Params = typeof params;
  const gradients = (frozen: Layer<Params, typeof state>): Params =>
    grad((p: Params) => tf.sum(tf.square(frozen.apply({ params: p, state }, x).y)))(params);
  const moving = (g: Params): string[] =>
    treePaths(g).filter(
      (_, i) => (tf.max(tf.abs(treeLeaves<unknown, tf.Tensor>(g)[i] ?? 0)).dataSync()[0] ?? 0) > 0,
    );

  test("held parameters have zero gradients, the others theirs", () => {
    const free = gradients(net);
    expect(moving(free)).toHaveLength(4);
    expect(moving(gradients(freeze(net)))).toEqual([]);
    for (const mask of [
      { encoder: true, head: false },
      { encoder: { 0: { kernel: true, bias: true } }, head: false },
      (path: string) => path.startsWith("encoder."),
    ]) {
      const g = gradients(freeze(net, mask));
      expect(moving(g)).toEqual(["head.bias", "head.kernel"]);
      expect(maxDifference(g.head.kernel, free.head.kernel.arraySync())).toBe(0);
    }
    const biases = gradients(freeze(net, (_, leaf) => leaf.rank === 1));
    expect(moving(biases)).toEqual(["encoder.0.kernel", "head.kernel"]);
  });

  test("variables and outputs are those of the layer; training can be switched off", () => {
    const frozen = freeze(net);
    expect(treePaths(frozen.init(key, [2]).params)).toEqual(treePaths(params));
    const y = net.apply({ params, state }, x).y;
    expect(maxDifference(frozen.apply({ params, state }, x).y, y.arraySync())).toBe(0);
    const still = freeze(noisy, true, { training: false });
    const none = { params: null, state: null };
    const options = { key, training: true };
    expect(maxDifference(still.apply(none, x, options).y, tf.tanh(x).arraySync())).toBe(0);
    expect(maxDifference(freeze(noisy).apply(none, x, options).y, tf.tanh(x).arraySync())).not.toBe(
      0,
    );
  });

  test("a mask that does not fit names the place", () => {
    const wrong = freeze(net, { encoder: true });
    expect(() => wrong.apply({ params, state }, x)).toThrow(
      "freeze: expected a mask of [encoder,head] at the root, got [encoder]",
    );
    const deep = freeze(net, { encoder: true, head: { kernel: true } });
    expect(() => deep.apply({ params, state }, x)).toThrow(
      'freeze: expected a mask of [bias,kernel] at "head", got [kernel]',
    );
  });
});

describe("tie", () => {
  test("tied places are null; the source's gradient is the sum over its uses", () => {
    const net = autoencoder();
    const { params, state } = net.init(key, [5]);
    expect(params.decoder.kernel).toBeNull();
    expectTypeOf(params.decoder.kernel).toEqualTypeOf<null>();
    expectTypeOf(params.encoder.kernel).toEqualTypeOf<tf.Tensor2D>();
    expect(treePaths(params)).toEqual(["decoder.bias", "encoder.bias", "encoder.kernel"]);
    const batch = random.normal(random.key(9), [4, 5]);
    const free = sequential({
      encoder: dense({ units: 3 }),
      act: activation("tanh"),
      decoder: dense({ units: 5 }),
    });
    const whole = {
      ...params,
      decoder: { ...params.decoder, kernel: tf.transpose(params.encoder.kernel) },
    };
    const tiedGradient = grad((p: typeof params) =>
      tf.sum(tf.square(net.apply({ params: p, state }, batch).y)),
    )(params);
    const g = grad((p: typeof whole) =>
      tf.sum(tf.square(free.apply({ params: p, state }, batch).y)),
    )(whole);
    const sum = tf.add(g.encoder.kernel, tf.transpose(g.decoder.kernel));
    expect(maxDifference(tiedGradient.encoder.kernel, sum.arraySync())).toBeLessThan(1e-5);
  });

  test("sources must exist, fit, and be free", () => {
    const net = sequential({ a: dense({ units: 3 }), b: dense({ units: 5 }) });
    expect(() => tie(net, { "b.kernel": "a.kernel" }).init(key, [5])).toThrow(
      "tie: expected b.kernel [3, 5], got [5, 3] from a.kernel",
    );
    expect(() => tie(net, { "b.kernel": "c.kernel" }).init(key, [5])).toThrow(
      'no "c.kernel" in the tree',
    );
    expect(() => tie(net, { "b.bias": "a.bias", "a.bias": "b.kernel" })).toThrow(
      'tie: expected "b.bias" to come from a parameter of its own, got "a.bias", which is tied too',
    );
  });
});
