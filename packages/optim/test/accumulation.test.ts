import { compile, grad, type TensorTree } from "@layerwise/autodiff";
import type { GradientTransformation, OptimizerState } from "@layerwise/optim";
import {
  adam,
  adamW,
  applyEvery,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  hasUpdated,
  multiSteps,
  sgd,
  skipLargeUpdates,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { maxDifference } from "./setup.ts";

type Params = { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D };

const start = (): Params => ({
  w: tf.tensor2d([0.3, -0.2, 0.8, 0.1, -0.6, 0.4], [3, 2]),
  b: tf.tensor1d([0.25, -0.5]),
});
const inputs = Array.from({ length: 24 * 3 }, (_, i) => Math.sin(3 * i + 1));
const x = tf.tensor2d(inputs, [24, 3]);
const loss = ({ w, b }: Params, batch: tf.Tensor2D): tf.Tensor =>
  tf.mean(tf.square(tf.sub(tf.add(tf.matMul(batch, w), b), 1)));
const batches = (size: number): tf.Tensor2D[] =>
  Array.from({ length: 24 / size }, (_, i) => tf.slice(x, [i * size, 0], [size, 3]));

const make = () => chain(clipByGlobalNorm(0.5), adamW({ learningRate: 0.1, weightDecay: 0.1 }));

test("k micro-batches are one batch: clipping, decay and counts happen once", () => {
  const [whole, split] = [make(), multiSteps(make(), { every: 3 })];
  let [a, b] = [start(), start()];
  let [s, t] = [whole.init(a), split.init(b)];
  for (const batch of batches(12)) {
    const step = whole.update(grad(loss)(a, batch), s, a);
    [a, s] = [applyUpdates(a, step.updates), step.state];
  }
  const updated: unknown[] = [];
  for (const batch of batches(4)) {
    const step = split.update(grad(loss)(b, batch), t, b);
    [b, t] = [applyUpdates(b, step.updates), step.state];
    const zero = step.updates.w.dataSync().every((u) => u === 0);
    updated.push([zero, hasUpdated(t).dataSync()[0]]);
  }
  expect(updated).toEqual([
    [true, 0],
    [true, 0],
    [false, 1],
    [true, 0],
    [true, 0],
    [false, 1],
  ]);
  // The mean is rounded in another order.
  expect(maxDifference(b, { w: a.w.arraySync(), b: a.b.arraySync() })).toBeLessThan(2e-6);
  expect([t.gradientStep, t.miniStep].map((n) => n.dataSync()[0])).toEqual([2, 0]);
  expect(t.inner[1][0].count.dataSync()[0]).toBe(2);
  expectTypeOf(t.inner[1][0].count).toEqualTypeOf<tf.Scalar>();
});

test("compiled, it is traced once and does what it does eagerly", () => {
  const split = multiSteps(make(), { every: (step) => tf.add(step, tf.scalar(1, "int32")) });
  type State = OptimizerState<typeof split>;
  const step = (p: Params, s: State, batch: tf.Tensor2D): readonly [Params, State] => {
    const { updates, state } = split.update(grad(loss)(p, batch), s, p);
    return [applyUpdates(p, updates), state];
  };
  const compiled = compile(step);
  let fast: readonly [Params, State] = [start(), split.init(start())];
  let slow = fast;
  for (const batch of batches(4)) [fast, slow] = [compiled(...fast, batch), step(...slow, batch)];
  expect(compiled.traces).toBe(1);
  compiled.dispose();
  // Updates after 1, 2 and 3 micro-batches.
  expect(slow[1].gradientStep.dataSync()[0]).toBe(3);
  const want = { w: slow[0].w.arraySync(), b: slow[0].b.arraySync() };
  expect(maxDifference(fast[0], want)).toBeLessThan(1e-6);
});

test("a NaN in a dropped result does not leak", () => {
  // 0/0 in the first two results: the mean is zero until the third gradient.
  const nan: GradientTransformation<null> = {
    init: () => null,
    update: (grads, state) => ({
      updates: tf.div(grads as tf.Tensor, grads as tf.Tensor) as unknown as typeof grads,
      state,
    }),
  };
  const tx = multiSteps(nan, { every: 3, useMean: false });
  let state = tx.init(tf.scalar(0));
  const seen = [0, 0, 2].map((g) => {
    const step = tx.update(tf.scalar(g), state);
    state = step.state;
    return step.updates.dataSync()[0];
  });
  expect(seen).toEqual([0, 0, 1]);
});

test("a skipped gradient counts for nothing, also where it would have been the last", () => {
  const tx = multiSteps(sgd({ learningRate: 1 }), { every: 2, skip: skipLargeUpdates(10) });
  let state = tx.init(tf.scalar(0));
  const seen = [1, 100, 3, 100, 4, Number.NaN, 6].map((g) => {
    const step = tx.update(tf.scalar(g), state);
    state = step.state;
    return step.updates.dataSync()[0];
  });
  expect(seen.map((x) => x || 0)).toEqual([0, 0, -2, 0, 0, 0, -5]);
  expect(state.gradientStep.dataSync()[0]).toBe(2);
});

test("applyEvery sums updates: accumulation for SGD, not for Adam", () => {
  const run = (tx: Parameters<typeof last>[0]) => last(tx);
  const sum = (rate: number) =>
    multiSteps(sgd({ learningRate: rate }), { every: 4, useMean: false });
  expect(run(chain(sgd({ learningRate: 0.1 }), applyEvery(4)))).toBeCloseTo(run(sum(0.1)), 6);
  const adams = run(chain(adam({ learningRate: 0.1 }), applyEvery(4)));
  const accumulated = run(multiSteps(adam({ learningRate: 0.1 }), { every: 4, useMean: false }));
  expect(accumulated).toBeCloseTo(-0.1, 6);
  expect(Math.abs(adams - accumulated)).toBeGreaterThan(0.1);
});

function last(tx: {
  init(params: TensorTree): unknown;
  update(grads: tf.Tensor, state: never): { readonly updates: tf.Tensor; readonly state: unknown };
}): number {
  let state = tx.init(tf.scalar(0));
  let update = Number.NaN;
  for (const g of [1, 2, -0.5, 3]) {
    const step = tx.update(tf.scalar(g), state as never);
    state = step.state;
    update = step.updates.dataSync()[0] ?? Number.NaN;
  }
  return update;
}

test("impossible periods are refused", () => {
  expect(() => multiSteps(sgd({ learningRate: 1 }), { every: 0 })).toThrow(
    "multiSteps: every: expected a positive whole number of steps, got 0",
  );
  expect(() => applyEvery(1.5)).toThrow(
    "applyEvery: expected a positive whole number of steps, got 1.5",
  );
});
