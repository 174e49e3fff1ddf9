import { grad, treeMap, treeTidy } from "@layerwise/autodiff";
import {
  type AnyTransformation,
  adam,
  adamW,
  addDecayedWeights,
  applyUpdates,
  asTfOptimizer,
  chain,
  clipByGlobalNorm,
  cosineDecaySchedule,
  type GradientTransformation,
  injectHyperparams,
  StateMismatchError,
  saveState,
  scaleByAdam,
  scaleByLearningRate,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, expect, test } from "vitest";
import "./setup.ts";

afterEach(() => tf.disposeVariables());

const square = (x: tf.Tensor): tf.Scalar => tf.sum(tf.square(x));
const variable = (value: number, name: string): tf.Variable =>
  tf.variable(tf.scalar(value), true, name);

/** Rate (1 − t/10), momentum 0.9, decay: every kind of state and of dependence on parameters. */
const make = () =>
  chain(
    clipByGlobalNorm(2),
    scaleByAdam({ b1: 0.8 }),
    addDecayedWeights(0.1),
    scaleByLearningRate(cosineDecaySchedule({ initValue: 0.1, steps: 20 })),
  );

const xs = tf.tensor2d([0.5, -1, 2, 1, 0.25, -0.75, 1.5, -2, 0, 1, 1, -0.5], [4, 3]);
const ys = tf.tensor2d([1, -1, 0.5, 0], [4, 1]);

function makeModel(): tfl.Sequential {
  const model = tfl.sequential();
  const zeros = "zeros";
  const constant = tfl.initializers.constant({ value: 0.3 });
  model.add(
    tfl.layers.dense({
      units: 2,
      inputShape: [3],
      activation: "tanh",
      kernelInitializer: constant,
    }),
  );
  model.add(tfl.layers.dense({ units: 1, kernelInitializer: constant, biasInitializer: zeros }));
  return model;
}

test("a model of tfjs-layers trains as a loop of its own does, and nothing is left", async () => {
  const model = makeModel();
  const optimizer = asTfOptimizer(make());
  model.compile({ optimizer, loss: "meanSquaredError" });
  const fit = async (epochs: number) =>
    (await model.fit(xs, ys, { epochs, batchSize: 4, shuffle: false, verbose: 0 })).history.loss;
  const losses = [...((await fit(1)) ?? [])];
  const before = tf.memory().numTensors;
  losses.push(...((await fit(9)) ?? []));
  expect(tf.memory().numTensors).toBe(before);
  expect(optimizer.iterations).toBe(10);

  let params = {
    kernel1: tf.fill([3, 2], 0.3) as tf.Tensor,
    bias1: tf.zeros([2]) as tf.Tensor,
    kernel2: tf.fill([2, 1], 0.3) as tf.Tensor,
    bias2: tf.zeros([1]) as tf.Tensor,
  };
  const loss = ({ kernel1, bias1, kernel2, bias2 }: typeof params): tf.Tensor => {
    const hidden = tf.tanh(tf.add(tf.matMul(xs, kernel1), bias1));
    return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(hidden, kernel2), bias2), ys)));
  };
  const tx = make();
  let state = tx.init(params);
  const expected: number[] = [];
  for (let i = 0; i < 10; i++) {
    expected.push(loss(params).dataSync()[0] ?? Number.NaN);
    const step = tx.update(grad(loss)(params), state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
  }
  losses.forEach((got, i) => {
    expect(Math.abs((got as number) - (expected[i] ?? Number.NaN))).toBeLessThan(1e-6);
  });
  const want = Object.values(params);
  model.getWeights().forEach((weight, i) => {
    expect(tf.max(tf.abs(tf.sub(weight, want[i] as tf.Tensor))).dataSync()[0]).toBeLessThan(1e-6);
  });
  optimizer.dispose();
  model.dispose();
});

test("Adam agrees with tfjs's own, which keeps its powers of the decays as running products", () => {
  const [ours, theirs] = [variable(1, "ours"), variable(1, "theirs")];
  const [a, b] = [asTfOptimizer(adam({ learningRate: 0.1, eps: 1e-7 })), tf.train.adam(0.1)];
  for (let i = 0; i < 20; i++) {
    const costs = [
      a.minimize(() => square(tf.sub(ours, 3)), true, [ours]),
      b.minimize(() => square(tf.sub(theirs, 3)), true, [theirs]),
    ].map((cost) => cost?.dataSync()[0] ?? Number.NaN);
    expect(costs[0]).toBeCloseTo(costs[1] ?? Number.NaN, 3);
  }
  expect(Math.abs((ours.dataSync()[0] ?? 0) - (theirs.dataSync()[0] ?? 1))).toBeLessThan(1e-4);
});

test("a variable left out of a step is left alone, and nobody inherits its momentum", () => {
  const [a, b] = [variable(0, "a"), variable(0, "b")];
  const optimizer = asTfOptimizer(sgd({ learningRate: 1, momentum: 0.5 }));
  const step = (grads: Readonly<Record<string, number>>) =>
    treeTidy(() => {
      optimizer.applyGradients(
        Object.fromEntries(Object.entries(grads).map(([k, v]) => [k, tf.scalar(v)])),
      );
      return null;
    });
  step({ a: 1, b: 0 });
  // In tfjs's own momentum optimizer, b is now the first variable and has a's velocity.
  step({ b: 0 });
  expect(b.dataSync()[0]).toBe(0);
  expect(a.dataSync()[0]).toBe(-1);
  step({ b: 0, a: 0 });
  // The velocity 1 of the first step, decayed once.
  expect([a, b].map((v) => v.dataSync()[0])).toEqual([-1.5, 0]);
  const c = variable(0, "c");
  step({ c: 1, a: 0 });
  expect([a, b, c].map((v) => v.dataSync()[0])).toEqual([-1.75, 0, -1]);
  step({ c: 0, b: 1, a: 0 });
  expect([a, b, c].map((v) => v.dataSync()[0])).toEqual([-1.875, -1, -1.5]);
});

test("lists of gradients with gaps, as minimize of tfjs-core makes them, are understood", () => {
  const [a, b] = [variable(1, "a"), variable(1, "b")];
  const optimizer = asTfOptimizer(sgd({ learningRate: 0.25 }));
  const gap = { name: "b", tensor: undefined as unknown as tf.Tensor };
  optimizer.applyGradients([gap, { name: "a", tensor: tf.scalar(2) }]);
  expect([a, b].map((v) => v.dataSync()[0])).toEqual([0.5, 1]);
  // b does not occur in the loss.
  expect(optimizer.minimize(() => square(a), false, [a, b])).toBe(null);
  expect([a, b].map((v) => v.dataSync()[0])).toEqual([0.25, 1]);
  expect(() => optimizer.applyGradients({ z: tf.scalar(1) })).toThrow(
    'asTfOptimizer: no variable has the name "z"',
  );
});

test("state lives from step to step and ends with dispose", () => {
  const v = variable(1, "v");
  const before = tf.memory().numTensors;
  const optimizer = asTfOptimizer(make());
  const step = () => optimizer.minimize(() => square(v));
  step();
  const after = tf.memory().numTensors;
  // count, mu, nu, and the count of the schedule.
  expect(after - before).toBe(4);
  for (let i = 0; i < 3; i++) step();
  expect(tf.memory().numTensors).toBe(after);
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(before);
  step();
  expect(tf.memory().numTensors).toBe(after);
  optimizer.dispose();
});

test("weights go to another optimizer, which then continues bit for bit", async () => {
  const [a, b] = [variable(1, "layer/a"), variable(-2, "layer/b")];
  const loss = () => square(tf.sub(tf.mul(a, b), 3));
  const first = asTfOptimizer(make());
  for (let i = 0; i < 5; i++) first.minimize(loss);
  const at = [a, b].map((v) => v.dataSync()[0] ?? Number.NaN);
  const weights = await first.getWeights();
  expect(weights.map(({ name }) => name)).toEqual([
    "iter",
    "1.count",
    "1.mu.layer/a",
    "1.mu.layer/b",
    "1.nu.layer/a",
    "1.nu.layer/b",
    "3.count",
  ]);
  const saved = await saveState(
    Object.fromEntries(weights.map(({ name, tensor }) => [name, tensor])),
  );
  for (let i = 0; i < 5; i++) first.minimize(loss);
  const want = [a, b].map((v) => v.dataSync()[0]);

  [a, b].forEach((v, i) => {
    v.assign(tf.scalar(at[i] ?? Number.NaN));
  });
  const second = asTfOptimizer(make());
  const loaded = Object.entries(saved.entries).map(([name, { data, shape, dtype }]) => ({
    name,
    tensor: tf.tensor(data, [...shape], dtype),
  }));
  await second.setWeights(loaded);
  tf.dispose(loaded.map(({ tensor }) => tensor));
  expect(second.iterations).toBe(5);
  for (let i = 0; i < 5; i++) second.minimize(loss);
  expect([a, b].map((v) => v.dataSync()[0])).toEqual(want);
});

test("an optimizer takes back its own weights, also with one of them exchanged", async () => {
  const x = variable(1, "x");
  const optimizer = asTfOptimizer(injectHyperparams(adam, { learningRate: 0.5 }));
  const step = () => optimizer.minimize(() => square(x) as tf.Scalar);
  step();
  const weights = await optimizer.getWeights();
  const before = weights.map(({ name, tensor }) => [name, [...tensor.dataSync()]]);
  await optimizer.setWeights(weights);
  const kept = await optimizer.getWeights();
  expect(kept.map(({ name, tensor }) => [name, [...tensor.dataSync()]])).toEqual(before);
  const [value] = x.dataSync();
  await optimizer.setWeights(
    kept.map(({ name, tensor }) =>
      name.endsWith("hyperparams.learningRate") ? { name, tensor: tf.scalar(0) } : { name, tensor },
    ),
  );
  step();
  expect(x.dataSync()[0]).toBe(value);
  optimizer.dispose();
});

test("loaded weights that do not fit are refused at the first step, with their names", async () => {
  const v = variable(1, "v");
  const first = asTfOptimizer(sgd({ learningRate: 1, momentum: 0.5 }));
  first.minimize(() => square(v));
  const weights = await first.getWeights();
  const renamed = weights.map(({ name, tensor }) => ({ name: name.replace("v", "w"), tensor }));
  const second = asTfOptimizer(sgd({ learningRate: 1, momentum: 0.5 }));
  await second.setWeights(renamed);
  const before = v.dataSync()[0];
  const numTensors = tf.memory().numTensors;
  let error: unknown;
  try {
    second.minimize(() => square(v));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(StateMismatchError);
  expect((error as StateMismatchError).missing).toEqual(["0.trace.v"]);
  expect((error as StateMismatchError).extra).toEqual(["0.trace.w"]);
  expect(v.dataSync()[0]).toBe(before);
  expect(tf.memory().numTensors).toBe(numTensors);
  await second.setWeights(
    weights.map(({ name, tensor }) => ({ name, tensor: name === "iter" ? tensor : tf.ones([2]) })),
  );
  expect(() => second.minimize(() => square(v))).toThrow(
    '"0.trace.v" (float32[] expected, float32[2] known)',
  );
});

test("a transformation is no configuration: getConfig says what to save instead", async () => {
  const model = makeModel();
  const optimizer = asTfOptimizer(adamW({ learningRate: 0.1 }));
  model.compile({ optimizer, loss: "meanSquaredError" });
  expect(optimizer.getClassName()).toBe("LayerwiseOptimizer");
  const keepNothing = tf.io.withSaveHandler(async () => ({
    modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" as const },
  }));
  await expect(model.save(keepNothing, { includeOptimizer: true })).rejects.toThrow(
    "save the model without includeOptimizer",
  );
  await model.save(keepNothing);
});

// u = −g · value, as Polyak's step does with more care.
function scaleByValue(): GradientTransformation<null, { readonly value: tf.Tensor }> {
  return {
    init: () => null,
    update: (grads, state, _params, { value }) =>
      treeTidy(() => ({
        updates: treeMap((g: tf.Tensor) => tf.neg(tf.mul(g, value)), grads as tf.Tensor),
        state,
      })) as never,
  };
}

declare const lineSearch: GradientTransformation<
  null,
  { readonly valueFn: (params: never) => tf.Tensor }
>;
declare const anything: AnyTransformation;

test("the loss is offered by minimize; functions of parameters cannot be, says the type", () => {
  const v = variable(2, "v");
  const optimizer = asTfOptimizer(chain(scaleByValue()));
  // 2 − 4 · 4
  expect(optimizer.minimize(() => square(v), true)?.dataSync()[0]).toBe(4);
  expect(v.dataSync()[0]).toBe(-14);
  const notCalled = () => {
    // @ts-expect-error the extra argument `valueFn` is not to be had
    asTfOptimizer(lineSearch);
    // @ts-expect-error nor inside a chain
    asTfOptimizer(chain(adam({ learningRate: 1 }), lineSearch));
    // @ts-expect-error nor where nothing is known
    asTfOptimizer(anything);
  };
  expect(typeof notCalled).toBe("function");
});
