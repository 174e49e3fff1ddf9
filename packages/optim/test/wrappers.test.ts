import { compile, type TensorTree, treeLeaves, treeMap } from "@layerwise/autodiff";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "@layerwise/optim";
import {
  adam,
  allFinite,
  applyIfFinite,
  chain,
  clipByGlobalNorm,
  conditionallyMask,
  conditionallyTransform,
  injectHyperparams,
  keepParamsNonnegative,
  loadState,
  multiSteps,
  namedChain,
  partition,
  saveState,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  sgd,
  skipLargeUpdates,
  skipNotFinite,
  stateFromJson,
  stateToJson,
  zeroNans,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import fixture from "./fixtures/wrappers.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { driveFloat64, farthest, flatValues, type Values } from "./support/drive.ts";
import type { AnyOptimizer } from "./support/row.ts";

// Oracle: optax 0.2.8 on JAX with x64, on the shared gradients with a NaN in b[1] at these indices.
const spoiled = new Set([1, 5, 6, 7, 8, 30]);
const withNans = (grads: Values, i: number): Values =>
  spoiled.has(i) ? { ...grads, b: grads.b.with(1, Number.NaN) } : grads;
const positive = ({ w, b }: Values): Values => ({
  w: w.map((row) => row.map(Math.abs)),
  b: b.map(Math.abs),
});

test.each([
  [
    "multi_steps3(adam,skip_not_finite)",
    golden.params,
    withNans,
    () => multiSteps(adam({ learningRate: 0.1 }), { every: 3, skip: skipNotFinite }),
  ],
  [
    "apply_if_finite(adam,8)",
    golden.params,
    withNans,
    () => applyIfFinite(adam({ learningRate: 0.1 }), { maxConsecutiveErrors: 8 }),
  ],
  [
    "chain(zero_nans,adam)",
    golden.params,
    withNans,
    () => chain(zeroNans(), adam({ learningRate: 0.1 })),
  ],
  [
    "chain(sgd,keep_params_nonnegative)",
    positive(golden.params),
    (grads: Values) => grads,
    () => chain(sgd({ learningRate: 0.1 }), keepParamsNonnegative()),
  ],
] as [string, Values, (grads: Values, i: number) => Values, () => AnyTransformation][])(
  "%s: the trajectory is optax's, in float64",
  (name, start, change, make) => {
    const grads = golden.grads.map(change);
    const got = driveFloat64(make() as unknown as AnyOptimizer, start, grads);
    const { trajectory } = fixture.others.find((other) => other.name === name) ?? {};
    const want: Readonly<Record<string, Values>> = trajectory ?? {};
    const steps = Object.keys(want).map((step) => got[Number(step) - 1] ?? []);
    expect(steps.length).toBe(7);
    expect(farthest(steps, Object.values(want).map(flatValues))).toBeLessThan(1e-12);
  },
);

test("applyIfFinite counts what is not finite and lets it through after the given number", () => {
  const optimizer = applyIfFinite(adam({ learningRate: 0.1 }), { maxConsecutiveErrors: 2 });
  const params = { w: tf.tensor1d([1, 2]) };
  const bad = { w: tf.tensor1d([1, Number.POSITIVE_INFINITY]) };
  const step = compile((grads: typeof params, state: OptimizerState<typeof optimizer>) =>
    optimizer.update(grads, state, params),
  );
  let { updates, state } = step(params, optimizer.init(params));
  const seen: unknown[] = [];
  for (const grads of [bad, bad, params, bad, bad, bad]) {
    ({ updates, state } = step(grads, state));
    seen.push([
      ...[state.notFiniteCount, state.lastFinite, state.totalNotFinite].map((x) => x.dataSync()[0]),
      state.inner[0].count.dataSync()[0],
      updates.w.dataSync().every((x) => x === 0),
    ]);
  }
  // Consecutive, last finite, total, inner count, zero update.
  expect(seen).toEqual([
    [1, 0, 1, 1, true],
    [2, 0, 2, 1, true],
    [0, 1, 2, 2, false],
    [1, 0, 3, 2, true],
    [2, 0, 4, 2, true],
    [3, 0, 5, 3, false],
  ]);
  expect(step.traces).toBe(1);
  step.dispose();
  expectTypeOf(state.inner[0].count).toEqualTypeOf<tf.Scalar>();
});

test("zeroNans remembers where NaNs were, for each tensor, and keeps infinities", () => {
  const tx = zeroNans();
  const grads = { a: tf.tensor1d([Number.NaN, 2]), b: tf.scalar(Number.NEGATIVE_INFINITY) };
  const { updates, state } = tx.update(grads, tx.init(grads));
  expect([...updates.a.dataSync(), ...updates.b.dataSync()]).toEqual([0, 2, -Infinity]);
  const found = treeMap((x: tf.Tensor) => [x.dtype, x.dataSync()[0]], state.foundNan as never);
  expect(found).toEqual({ a: ["bool", 1], b: ["bool", 0] });
});

test("conditional wrappers pass gradients on or drop them, and keep the state", () => {
  const odd = (_grads: TensorTree, count: tf.Tensor) => tf.equal(tf.mod(count, 2), 1);
  const doubled = chain(scaleByAdam(), scale(2));
  const grads = tf.scalar(3);
  for (const [tx, otherwise] of [
    [conditionallyTransform(doubled, odd), 3],
    [conditionallyMask(doubled, odd), 0],
  ] as const) {
    const first = tx.update(grads, tx.init(grads));
    expect(first.updates.dataSync()[0]).toBe(otherwise);
    expect(first.state.inner[0].count.dataSync()[0]).toBe(0);
    const second = tx.update(grads, first.state);
    expect(second.updates.dataSync()[0]).toBeCloseTo(2, 6);
    expect(second.state.inner[0].count.dataSync()[0]).toBe(1);
  }
});

test("conditions: a NaN is neither finite nor small", () => {
  const trees = [
    [3, 4],
    [3, 4.1],
    [Number.NaN, 0],
    [Infinity, 0],
  ].map((x) => ({ x: tf.tensor1d(x) }));
  const large = skipLargeUpdates(5);
  const count = tf.scalar(0, "int32");
  const values = (condition: (tree: TensorTree) => tf.Tensor) =>
    trees.map((tree) => condition(tree).dataSync()[0]);
  expect(values(allFinite)).toEqual([1, 1, 0, 0]);
  expect(values(skipNotFinite)).toEqual([0, 0, 1, 1]);
  expect(values((tree) => large(tree, count))).toEqual([0, 1, 1, 1]);
  expect(allFinite({}).dataSync()[0]).toBe(1);
});

// As a line search or Polyak's step needs.
function scaleByValue(): GradientTransformation<null, { readonly value: tf.Tensor }> {
  return {
    init: () => null,
    update: (grads, state, _params, { value }) => ({
      updates: treeMap(
        (g: unknown) => tf.mul(g as tf.Tensor, value),
        grads as unknown,
      ) as typeof grads,
      state,
    }),
  };
}

test("namedChain is a chain with names: order, state, extras", () => {
  const tx = namedChain({
    scale: scale(10),
    clip: clipByGlobalNorm(1),
    adam: scaleByAdam(),
    rate: scaleByLearningRate(0.5),
  });
  const same = chain(scale(10), clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(0.5));
  const params = { w: tf.tensor2d([[1, -2]]), b: tf.tensor1d([3]) };
  const state = tx.init(params);
  expectTypeOf(state.adam.count).toEqualTypeOf<tf.Scalar>();
  expectTypeOf(state.clip).toEqualTypeOf<null>();
  expect(Object.keys(state)).toEqual(["scale", "clip", "adam", "rate"]);
  const got = tx.update(params, state);
  const want = same.update(params, same.init(params));
  expect(
    maxDifference(
      got.updates,
      treeMap((x: tf.Tensor) => x.arraySync(), want.updates),
    ),
  ).toBe(0);
  expect(got.state.adam.count.dataSync()[0]).toBe(1);
  expectTypeOf(got.updates).toEqualTypeOf<{ w: tf.Tensor2D; b: tf.Tensor1D }>();

  const needy = namedChain({ all: tx, value: scaleByValue() });
  expectTypeOf<ExtraOf<typeof needy>["value"]>().toEqualTypeOf<tf.Tensor>();
  // @ts-expect-error the extra argument `value` is missing
  expect(() => needy.update(params, needy.init(params), params)).toThrow();
  const { updates } = needy.update(params, needy.init(params), params, { value: tf.scalar(2) });
  expect(maxDifference({ b: updates.b }, { b: [-1] })).toBeLessThan(1e-6);
  const extra = { value: tf.scalar(2) };
  // @ts-expect-error the state of another chain
  expect(() => needy.update(params, tx.init(params), params, extra)).toThrow();
  expect(() => namedChain({ 1: scale(1) })).toThrow(
    'namedChain: expected names that are no whole numbers, got "1"',
  );
  const none = namedChain({});
  expect([...none.update(params.b, none.init(params.b)).updates.dataSync()]).toEqual([3]);
});

test("wrappers keep the extra arguments of what they wrap, and refuse impossible options", () => {
  const wrapped = [
    applyIfFinite(scaleByValue()),
    multiSteps(scaleByValue(), { every: 1 }),
    conditionallyMask(scaleByValue(), () => tf.scalar(true, "bool")),
  ] as const;
  const grads = tf.scalar(3);
  for (const tx of wrapped) {
    const state = tx.init(grads) as never;
    const { updates } = tx.update(grads, state, grads, { value: tf.scalar(2) });
    expect(updates.dataSync()[0]).toBe(6);
  }
  const [finite] = wrapped;
  // @ts-expect-error the extra argument `value` is missing
  expect(() => finite.update(grads, finite.init(grads), grads)).toThrow();
  expect(() => applyIfFinite(adam({ learningRate: 1 }), { maxConsecutiveErrors: -1 })).toThrow(
    "applyIfFinite: maxConsecutiveErrors: expected a number at least 0, got -1",
  );
  expect(() => keepParamsNonnegative().update(grads, null)).toThrow("keepParamsNonnegative");
});

test("states of nested wrappers are saved under readable paths and load bitwise", async () => {
  const params = { layers: [{ kernel: tf.ones([2, 2]), bias: tf.ones([2]) }] };
  const optimizer = applyIfFinite(
    partition(
      {
        kernels: adam({ learningRate: 0.1 }),
        biases: injectHyperparams(sgd, { learningRate: 1, momentum: 0.5 }),
      },
      (path) => (path.endsWith("kernel") ? "kernels" : "biases"),
    ),
  );
  const { state } = optimizer.update(params, optimizer.init(params), params);
  const saved = stateFromJson(stateToJson(await saveState(state)));
  expect(Object.keys(saved.entries).toSorted()).toEqual([
    "inner.biases.count",
    "inner.biases.hyperparams.learningRate",
    "inner.biases.hyperparams.momentum",
    "inner.biases.inner.0.trace.layers.0.bias",
    "inner.kernels.0.count",
    "inner.kernels.0.mu.layers.0.kernel",
    "inner.kernels.0.nu.layers.0.kernel",
    "lastFinite",
    "notFiniteCount",
    "totalNotFinite",
  ]);
  const loaded = loadState(saved, optimizer.init(params));
  const [a, b] = [state, loaded].map((s) => optimizer.update(params, s, params));
  const numbersOf = (tree: unknown) =>
    treeLeaves<unknown, tf.Tensor>(tree).map((x) => [...x.dataSync()]);
  expect(numbersOf(b)).toEqual(numbersOf(a));
});
