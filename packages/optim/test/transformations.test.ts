import type { TensorTree } from "@layerwise/autodiff";
import { treeLeaves, treeTidy } from "@layerwise/autodiff";
import type { ExtraOf, GradientTransformation, NoExtra, OptimizerState } from "@layerwise/optim";
import {
  adam,
  addDecayedWeights,
  applyUpdates,
  biasCorrection,
  chain,
  clipByGlobalNorm,
  globalNorm,
  identity,
  scale,
  scaleByAdam,
  sgd,
  trace,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { maxDifference } from "./setup.ts";

test("bias correction is 1 − b^t within 4 f32 roundings for a million steps (oracle: float64)", () => {
  const count = tf.range(1, 1_000_001, 1, "int32");
  for (const decay of [0.5, 0.9, 0.999, 0.99999]) {
    const got = biasCorrection(decay, count).dataSync();
    let worst = 0;
    for (let i = 0; i < got.length; i++) {
      // The decay an f32 program can mean is the float64 one: its logarithm is taken on the host.
      const want = -Math.expm1((i + 1) * Math.log(decay));
      worst = Math.max(worst, Math.abs((got[i] ?? 0) / want - 1));
    }
    expect(worst).toBeLessThan(4 * 2 ** -24);
  }
  expect([...biasCorrection(0, tf.tensor1d([1, 2], "int32")).dataSync()]).toEqual([1, 1]);
});

test("Adam's first step is the learning rate in the gradient's direction, at any scale", () => {
  const grads = tf.tensor1d([1e-3, -1, 1e6]);
  const optimizer = adam({ learningRate: 0.25, eps: 0 });
  const { updates } = optimizer.update(grads, optimizer.init(grads));
  expect(maxDifference({ updates }, { updates: [-0.25, 0.25, -0.25] })).toBeLessThan(1e-6);
});

test("trace sums gradients: g, g + μ g, …, and Nesterov adds one look-ahead (by hand)", () => {
  const grads = tf.scalar(1);
  const plain = trace({ decay: 0.5 });
  const first = plain.update(grads, plain.init(grads));
  const second = plain.update(grads, first.state);
  expect(second.updates.dataSync()[0]).toBe(1.5);
  const nesterov = trace({ decay: 0.5, nesterov: true });
  expect(nesterov.update(grads, nesterov.init(grads)).updates.dataSync()[0]).toBe(1.5);
});

test.each([
  ["identity", identity()],
  ["scale", scale(2)],
  ["trace", trace({ decay: 0.9 })],
  ["scaleByAdam", scaleByAdam()],
  ["addDecayedWeights", addDecayedWeights(0.1)],
  ["clipByGlobalNorm", clipByGlobalNorm(1)],
  ["an empty chain", chain()],
])("%s returns fresh tensors, none of them twice", (_, transformation: GradientTransformation) => {
  const params = { w: tf.scalar(1) };
  const grads = { w: tf.scalar(2) };
  const state = transformation.init(params);
  const result = transformation.update(grads, state, params);
  const returned = treeLeaves<unknown, tf.Tensor>([result.updates, result.state]);
  const given = treeLeaves<unknown, tf.Tensor>([params, grads, state]);
  expect(new Set([...given, ...returned]).size).toBe(given.length + returned.length);
});

test("clipping leaves small gradients bitwise alone, scales large ones, keeps zero zero", () => {
  const clip = clipByGlobalNorm(5);
  const clipped = (grads: TensorTree) => clip.update(grads, clip.init(grads)).updates;
  const small = { a: tf.tensor1d([0.3, 1.7]), b: tf.scalar(-4.1) };
  expect(
    maxDifference(clipped(small) as typeof small, {
      a: [0.3, 1.7].map(Math.fround),
      b: Math.fround(-4.1),
    }),
  ).toBe(0);
  const large = { a: tf.tensor1d([60, 0]), b: tf.scalar(-80) };
  expect(maxDifference(clipped(large) as typeof large, { a: [3, 0], b: -4 })).toBeLessThan(1e-6);
  expect((clipped(tf.zeros([3])) as tf.Tensor).dataSync()).toEqual(new Float32Array(3));
  expect(globalNorm({}).dataSync()[0]).toBe(0);
});

test("errors name the missing argument, the bad number, the differing path", () => {
  const decay = addDecayedWeights(0.1);
  const grads = { w: tf.scalar(1) };
  const before = tf.memory().numTensors;
  expect(() => decay.update(grads, null)).toThrow(
    "addDecayedWeights: expected the parameters as update's third argument, got undefined",
  );
  expect(() => applyUpdates(grads, { v: tf.scalar(1) })).toThrow(
    "applyUpdates: updates: structure differs at the root: expected {w:*}, got {v:*}",
  );
  expect(tf.memory().numTensors).toBe(before + 1);
  expect(() => adam({ learningRate: 0.1, b2: 1 })).toThrow(
    "scaleByAdam: b2: expected a number in [0, 1), got 1",
  );
  expect(() => clipByGlobalNorm(0)).toThrow("clipByGlobalNorm");
  expect(() => sgd({ learningRate: Number.NaN })).toThrow(
    "learningRate: expected a number at least 0 or a schedule, got NaN",
  );
  expect(() => sgd({ learningRate: 0.1, nesterov: true })).toThrow(
    "sgd: momentum: expected a number with nesterov, got undefined",
  );
});

// A transformation with a required extra argument, as a line search or Polyak's step needs.
function scaleByValue(): GradientTransformation<null, { readonly value: tf.Scalar }> {
  return {
    init: () => null,
    update: (grads, state, _params, { value }) =>
      treeTidy(() => ({ updates: scaled(grads, value), state })),
  };
}

function scaled<T extends TensorTree>(grads: T, by: tf.Scalar): T {
  const tx = scale(by.dataSync()[0] ?? 0);
  return tx.update(grads, null).updates;
}

test("chain's state is the tuple of states; its extras are the intersection", () => {
  const params = { w: tf.tensor2d([[1, 2]]), b: tf.tensor1d([3]) };
  const plain = chain(identity(), scaleByAdam());
  expectTypeOf<OptimizerState<typeof plain>[0]>().toEqualTypeOf<null>();
  expectTypeOf<OptimizerState<typeof plain>[1]["count"]>().toEqualTypeOf<tf.Scalar>();
  expectTypeOf<NoExtra>().toExtend<ExtraOf<typeof plain>>();

  const result = plain.update(params, plain.init(params));
  expectTypeOf(result.updates).toEqualTypeOf<{ w: tf.Tensor2D; b: tf.Tensor1D }>();

  const needy = chain(plain, scaleByValue(), scale(-1));
  const state = needy.init(params);
  expectTypeOf<ExtraOf<typeof needy>["value"]>().toEqualTypeOf<tf.Scalar>();
  // @ts-expect-error the extra argument `value` is missing
  expect(() => needy.update(params, state, params)).toThrow();
  // @ts-expect-error a scalar, not a number
  expect(() => needy.update(params, state, params, { value: 2 })).toThrow();
  const { updates } = needy.update(params, state, params, { value: tf.scalar(2) });
  expect(maxDifference(updates, { w: [-2, -2], b: -2 })).toBeLessThan(1e-6);
  // @ts-expect-error the state of another optimizer
  expect(() => scaleByAdam().update(params, state)).toThrow();
});

test("an empty chain is the identity", () => {
  const grads = tf.tensor1d([1, 2]);
  const none = chain();
  const { updates, state } = none.update(grads, none.init(grads));
  expect([...updates.dataSync()]).toEqual([1, 2]);
  expect(state).toEqual([]);
  expect(updates).not.toBe(grads);
});
