import { compile, grad, type TensorTree, vmap } from "@layerwise/autodiff";
import type { EmptyState, GradientTransformation } from "@layerwise/optim";
import {
  adaptiveGradClip,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  clipByNorm,
  globalNorm,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import fixture from "./fixtures/wrappers.json" with { type: "json" };
import { maxDifference } from "./setup.ts";

const all: readonly (readonly [string, GradientTransformation<EmptyState>])[] = [
  ["clip", clip(0.5)],
  ["clipByNorm", clipByNorm(0.5)],
  ["clipByNorm with eps", clipByNorm(0.5, { eps: 1e-6 })],
  ["clipByGlobalNorm", clipByGlobalNorm(0.5)],
  ["clipByGlobalNorm with eps", clipByGlobalNorm(0.5, { eps: 1e-6 })],
  ["clipByBlockRms", clipByBlockRms(0.5)],
  ["adaptiveGradClip", adaptiveGradClip(0.5)],
];

const clipped = (tx: GradientTransformation<EmptyState>, x: readonly number[]): number[] => {
  const grads = tf.tensor1d([...x]);
  return [...tx.update(grads, null, tf.onesLike(grads)).updates.dataSync()];
};

test.each(all)("%s: zero stays zero, small gradients stay bitwise", (_, tx) => {
  expect(clipped(tx, [0, 0, 0])).toEqual([0, 0, 0]);
  const small = [0.01, -0.003, 0.1].map(Math.fround);
  expect(clipped(tx, small)).toEqual(small);
});

test.each(all)("%s: clipping twice is clipping once", (_, tx) => {
  const once = clipped(tx, [3, -0.1, 4]);
  const twice = clipped(tx, once);
  expect(twice).toEqual(once.map((x) => expect.closeTo(x, 5)));
});

test("norms are those asked for (by hand)", () => {
  expect(clipped(clip(0.5), [3, -0.1, -4])).toEqual([0.5, Math.fround(-0.1), -0.5]);
  const tree = { a: tf.tensor1d([3, 4]), b: tf.scalar(0.5) };
  const each = clipByNorm(1).update(tree, null).updates;
  expect(maxDifference(each, { a: [0.6, 0.8], b: 0.5 })).toBeLessThan(1e-6);
  const global = clipByGlobalNorm(1).update(tree, null).updates;
  expect(globalNorm(global).dataSync()[0]).toBeCloseTo(1, 6);
  expect(clipped(clipByBlockRms(1), [6, 8])).toEqual(
    [6, 8].map((x) => expect.closeTo(x / Math.sqrt(50), 5)),
  );
});

test("with eps 1e-6 the factor is PyTorch's min(1, c / (norm + 1e-6)), visibly so for tiny norms", () => {
  const torch = (x: readonly number[], limit: number): number[] => {
    const factor = Math.min(1, limit / (Math.hypot(...x) + 1e-6));
    return x.map((g) => g * factor);
  };
  const x = [3e-6, -4e-6];
  for (const tx of [clipByNorm(1e-6, { eps: 1e-6 }), clipByGlobalNorm(1e-6, { eps: 1e-6 })]) {
    const want = torch(x, 1e-6).map((y) => expect.closeTo(y * 1e6, 5));
    expect(clipped(tx, x).map((y) => y * 1e6)).toEqual(want);
  }
  const [plain] = clipped(clipByNorm(1e-6), x);
  expect((plain ?? 0) / 0.6e-6).toBeCloseTo(1, 5);
});

test.each(Object.entries(fixture.adaptiveGradClip))(
  "adaptiveGradClip of shape [%s] is optax's",
  (name, { g, p, u }) => {
    const shape = name === "" ? [] : name.split(",").map(Number);
    const [grads, params] = [tf.tensor(g, shape), tf.tensor(p, shape)];
    const { updates } = adaptiveGradClip(0.3).update(grads, null, params);
    expect(maxDifference({ updates }, { updates: u })).toBeLessThan(1e-6);
  },
);

test("adaptiveGradClip takes other axes, needs parameters, knows ranks to 5", () => {
  const [grads, params] = [tf.ones([2, 8]), tf.ones([2, 8])];
  // Rows have norm √8: factor 0.5; with axis 0 columns have √2: factor 0.5 as well, so scale rows.
  const rows = tf.mul(params, tf.tensor2d([[1], [2]])) as typeof params;
  const { updates } = adaptiveGradClip(0.5, { axes: [1] }).update(grads, null, rows);
  const want = [0.5, 1].flatMap((x) => Array.from({ length: 8 }, () => x));
  expect(maxDifference({ updates }, { updates: want })).toBeLessThan(1e-6);
  expect(() => adaptiveGradClip(0.5).update(grads, null)).toThrow("adaptiveGradClip");
  const six = tf.ones([2, 2, 2, 2, 2, 2]);
  expect(() => adaptiveGradClip(0.5).update(six, null, six)).toThrow(
    "adaptiveGradClip: expected axes for a tensor of rank 6",
  );
});

const { grads: examples, ...wanted } = fixture.perExample;
const exampleGrads = () => ({ w: tf.tensor3d(examples.w), b: tf.tensor2d(examples.b) });

test("clipping by example agrees with optax, globally and by layer", () => {
  const global = perExampleGlobalNormClip(exampleGrads(), 2);
  expect(maxDifference(global.sum, wanted.global.sum)).toBeLessThan(1e-5);
  expect([global.clipped.dtype, global.clipped.dataSync()[0]]).toEqual([
    "int32",
    wanted.global.clipped,
  ]);
  for (const [uniform, want] of [
    [true, wanted["layer uniform"]],
    [false, wanted["layer by size"]],
  ] as const) {
    const layers = perExampleLayerNormClip(exampleGrads(), 2, { uniform });
    expect(maxDifference(layers.sum, want.sum)).toBeLessThan(1e-5);
    expect(maxDifference(layers.clipped, want.clipped)).toBe(0);
  }
});

test("no example moves the sum by more than the limit, compiled from vmap(grad(loss))", () => {
  const w = tf.tensor1d([0.5, -1]);
  const loss = (w: tf.Tensor, x: tf.Tensor): tf.Tensor => tf.square(tf.sum(tf.mul(w, x)));
  const sumOf = compile((x: tf.Tensor) => {
    const grads = vmap((row: tf.Tensor) => grad(loss)(w, row))(x);
    return perExampleGlobalNormClip({ w: grads as tf.Tensor }, 0.25).sum.w;
  });
  const x = [
    [1, 2],
    [3, -1],
    [0, 0],
    [100, -300],
  ];
  const whole = sumOf(tf.tensor2d(x));
  x.forEach((_, i) => {
    const without = sumOf(tf.tensor2d(x.with(i, [0, 0])));
    expect(globalNorm(tf.sub(whole, without)).dataSync()[0]).toBeLessThan(0.25 + 1e-6);
  });
  sumOf.dispose();
});

test("errors name the option and the tensor; nothing is left behind", () => {
  const cases: readonly (readonly [() => unknown, string])[] = [
    [() => clip(-1), "clip: maxDelta: expected a number at least 0, got -1"],
    [() => clipByNorm(0), "clipByNorm: maxNorm"],
    [() => clipByBlockRms(0), "clipByBlockRms: threshold"],
    [() => adaptiveGradClip(0.1, { eps: 0 }), "adaptiveGradClip: eps"],
    [() => clipByGlobalNorm(1, { eps: -1 }), "clipByGlobalNorm: eps"],
  ];
  for (const [make, message] of cases) expect(make).toThrow(message);
  const ragged: TensorTree = { a: tf.zeros([3, 2]), b: tf.zeros([2]) };
  const before = tf.memory().numTensors;
  expect(() => perExampleGlobalNormClip(ragged, 1)).toThrow(
    'perExampleGlobalNormClip: expected 3 along axis 0 of "b", got [2]',
  );
  expect(() => perExampleLayerNormClip({ a: tf.scalar(1) }, 1)).toThrow(
    'perExampleLayerNormClip: expected the examples along axis 0 of "a", got []',
  );
  expect(tf.memory().numTensors).toBe(before + 1);
  const grads = exampleGrads();
  const count = tf.memory().numTensors;
  perExampleLayerNormClip(grads, tf.scalar(1));
  expect(tf.memory().numTensors).toBe(count + 5);
});
