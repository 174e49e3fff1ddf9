import { compile } from "@layerwise/autodiff";
import {
  adam,
  applyUpdates,
  emaParams,
  sgd,
  swaParams,
  updateStatistics,
  type WeightAverage,
  withAverage,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import "./setup.ts";

const path = [4, 1, -2, 8, 3, 0.5, 6, -1];
const START = 2;

/** The averages after each step of the path. */
function run<State>(average: WeightAverage<State>): number[] {
  let state = average.init({ w: tf.scalar(START) });
  return path.map((w) => {
    state = average.update({ w: tf.scalar(w) }, state);
    return average.params<{ w: tf.Tensor }>(state).w.dataSync()[0] ?? Number.NaN;
  });
}

/** a ← d a + (1 − d) θ in double precision, d from the number of averages before. */
function ema(decay: (t: number) => number, start: number, thetas: readonly number[] = path) {
  let a = start;
  return thetas.map((theta, t) => (a = decay(t) * a + (1 - decay(t)) * theta));
}

const close = (values: readonly number[]) => values.map((x) => expect.closeTo(x, 5));
const every = (k: number, values: readonly number[], before: number): number[] =>
  path.map((_, i) => values[Math.floor((i + 1) / k) - 1] ?? before);

// Oracle: the recursions, in double precision.
test.each([
  ["from the initial parameters", emaParams({ decay: 0.9 }), ema(() => 0.9, START)],
  ["with a tensor as decay", emaParams({ decay: tf.scalar(0.9) }), ema(() => 0.9, START)],
  [
    "Keras: the first average is the first value",
    emaParams({ decay: 0.9, start: "first" }),
    ema((t) => (t === 0 ? 0 : 0.9), START),
  ],
  [
    "from zero, bias corrected",
    emaParams({ decay: 0.9, start: "zero" }),
    ema(() => 0.9, 0).map((a, t) => a / (1 - 0.9 ** (t + 1))),
  ],
  [
    "with a warm-up of the decay",
    emaParams({ decay: 0.3, warmup: true }),
    ema((t) => Math.min(0.3, (1 + t) / (10 + t)), START),
  ],
  [
    "every third step",
    emaParams({ decay: 0.5, every: 3 }),
    every(
      3,
      ema(() => 0.5, START, [-2, 0.5]),
      START,
    ),
  ],
  [
    "every third step with a warm-up, which counts averages",
    emaParams({ decay: 0.9, every: 3, warmup: true }),
    every(
      3,
      ema((t) => (1 + t) / (10 + t), START, [-2, 0.5]),
      START,
    ),
  ],
  [
    "every third step from zero: nothing, then the third value",
    emaParams({ decay: 0.5, every: 3, start: "zero" }),
    every(3, [-2, (0.25 * -2 + 0.5 * 0.5) / 0.75], 0),
  ],
] as const)("exponential average %s", (_, average, want) => {
  expect(run(average)).toEqual(close(want));
});

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

// Oracle: the mean of what PyTorch's AveragedModel is given.
test("stochastic weight averaging is the mean of every k-th value from the start", () => {
  expect(run(swaParams())).toEqual(close(path.map((_, i) => mean(path.slice(0, i + 1)))));
  const late = path.map((w, i) => (i < 3 ? w : mean(path.slice(3, i + 1))));
  expect(run(swaParams({ start: 3 }))).toEqual(close(late));
  // Steps 1, 4 and 7.
  const periodic = [4, 1, 1, 1, mean([1, 3]), mean([1, 3]), mean([1, 3]), mean([1, 3, -1])];
  expect(run(swaParams({ start: 1, every: 3 }))).toEqual(close(periodic));
});

test.each([
  ["emaParams", emaParams({ decay: 0.9, warmup: true, every: 2 })],
  ["emaParams from zero", emaParams({ decay: 0.9, start: "zero" })],
  ["swaParams", swaParams({ start: 1, every: 2 })],
] as [string, WeightAverage][])(
  "%s shares nothing with the parameters, leaks nothing, can be compiled",
  (_, average) => {
    const params = { w: tf.tensor1d([1, 2]) };
    const before = tf.memory().numTensors;
    const state = average.init(params);
    const next = average.update(params, state);
    const out = average.params<typeof params>(next);
    expectTypeOf(out).toEqualTypeOf<{ w: tf.Tensor1D }>();
    expect(tf.memory().numTensors).toBe(before + 3 + 3 + 1);
    params.w.dispose();
    expect([...out.w.dataSync()].every(Number.isFinite)).toBe(true);
    const kept = average.params<typeof params>(next).w.dataSync();
    expect([...kept]).toEqual([...out.w.dataSync()]);

    const step = compile((p: typeof params, s: typeof state) => average.update(p, s));
    const values = path.slice(0, 5).map((x) => ({ w: tf.tensor1d([x, 2 * x]) }));
    let [fast, slow] = [state, state];
    for (const p of values) [fast, slow] = [step(p, fast), average.update(p, slow)];
    expect(step.traces).toBe(1);
    step.dispose();
    const [a, b] = [fast, slow].map((s) => [...average.params<typeof params>(s).w.dataSync()]);
    expect(a).toEqual(close(b ?? []));
  },
);

test("an average in the optimizer's state sees the parameters after each step", () => {
  const average = emaParams({ decay: 0.5, start: "first" });
  const optimizer = withAverage(sgd({ learningRate: 1 }), average);
  let params = { w: tf.scalar(START) };
  let state = optimizer.init(params);
  expectTypeOf(state.inner).toEqualTypeOf<ReturnType<ReturnType<typeof sgd>["init"]>>();
  const seen: number[] = [];
  for (const g of [1, 2, -4]) {
    const step = optimizer.update({ w: tf.scalar(g) }, state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
    seen.push(...params.w.dataSync(), ...average.params<typeof params>(state.average).w.dataSync());
  }
  // Parameters 1, −1, 3; averages 1, 0, 1.5.
  expect(seen).toEqual([1, 1, -1, 0, 3, 1.5]);
  expect(() => optimizer.update({ w: tf.scalar(1) }, state)).toThrow(
    "withAverage: expected the parameters as update's third argument, got undefined",
  );
});

test("Keras's overwriting: parameters jump to the average every k steps (oracle: its formulas)", () => {
  const average = emaParams({ decay: 0.75, start: "first" });
  const optimizer = withAverage(sgd({ learningRate: 0.5 }), average, { overwriteEvery: 2 });
  let params = tf.scalar(START);
  let state = optimizer.init(params);
  let [w, a] = [START, Number.NaN];
  path.forEach((g, iterations) => {
    const step = optimizer.update(tf.scalar(g), state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
    w -= 0.5 * g;
    const momentum = iterations === 0 ? 0 : 0.75;
    a = momentum === 0 ? w : momentum * a + (1 - momentum) * w;
    if ((iterations + 1) % 2 === 0) w = a;
    expect(params.dataSync()[0]).toBeCloseTo(w, 5);
  });
});

test("statistics are the mean over batches, for loaders of both kinds; nothing leaks", async () => {
  const rows = [
    [1, 5],
    [2, 2],
    [9, 2],
  ];
  const measure = (batch: readonly number[]) => {
    const x = tf.tensor1d([...batch]);
    const { mean, variance } = tf.moments(x);
    return { layers: [{ mean, variance }] };
  };
  async function* loader() {
    for (const row of rows) yield row;
  }
  for (const batches of [rows, loader()]) {
    const before = tf.memory().numTensors;
    const { layers } = await updateStatistics(measure, batches);
    expect(tf.memory().numTensors).toBe(before + 2);
    const values = [layers[0]?.mean, layers[0]?.variance].map((x) => x?.dataSync()[0]);
    expect(values).toEqual(close([(3 + 2 + 5.5) / 3, (4 + 0 + 12.25) / 3]));
  }
  const kept = tf.scalar(3);
  const copy = await updateStatistics(() => kept, [0]);
  copy.dispose();
  expect(kept.isDisposed).toBe(false);
  await expect(updateStatistics(measure, [])).rejects.toThrow(
    "updateStatistics: expected at least one batch, got none",
  );
});

test("impossible options are refused", () => {
  expect(() => emaParams({ decay: 1 })).toThrow("emaParams: decay: expected a number in [0, 1)");
  expect(() => emaParams({ every: 0 })).toThrow("emaParams: every");
  expect(() => emaParams({ start: "zero", warmup: true })).toThrow("got both");
  expect(() => swaParams({ start: -1 })).toThrow("swaParams: start");
  expect(() => withAverage(adam({ learningRate: 1 }), swaParams(), { overwriteEvery: 0 })).toThrow(
    "withAverage: overwriteEvery",
  );
});
