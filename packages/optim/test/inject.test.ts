import { compile, treeDispose } from "@layerwise/autodiff";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  Hyperparameter,
  InjectedArgs,
  InjectHyperparamsState,
  LearningRate,
  OptimizerState,
} from "@layerwise/optim";
import * as optim from "@layerwise/optim";
import {
  adam,
  adamW,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  constantSchedule,
  injectHyperparams,
  linearSchedule,
  polyakSgd,
  scale,
  scaleByAdam,
  setHyperparams,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import "./setup.ts";
import { driveFloat32, driveFloat64, farthest } from "./support/drive.ts";
import type { AnyOptimizer } from "./support/row.ts";

/** An optimizer as it is and with all its numbers injected. */
interface Pair {
  readonly name: string;
  readonly plain: () => AnyOptimizer;
  readonly injected: () => AnyOptimizer;
  readonly names: readonly string[];
}

function pair<Options, State, Extra>(
  name: string,
  factory: (options: Options) => GradientTransformation<State, Extra>,
  args: NonNullable<Options> & InjectedArgs<NonNullable<Options>, never>,
): Pair {
  const asAny = (tx: unknown) => tx as AnyOptimizer;
  return {
    name,
    plain: () => asAny(factory(args)),
    injected: () => asAny(injectHyperparams(factory as never, args as never)),
    names: Object.entries(args).flatMap(([key, x]) => (typeof x === "number" ? [key] : [])),
  };
}

const learningRate = 0.1;
const moments = { learningRate, b1: 0.8, b2: 0.98, eps: 1e-3 };
const epsRoot = 1e-4;
const weightDecay = 0.1;

const pairs: readonly Pair[] = [
  pair("sgd", optim.sgd, { learningRate, momentum: 0.9, nesterov: true }),
  pair("heavyBall", optim.heavyBall, { learningRate, momentum: 0.9, nesterov: true }),
  pair("emaMomentum", optim.emaMomentum, { learningRate, momentum: 0.9, debias: true }),
  pair("optimisticGradientDescent", optim.optimisticGradientDescent, {
    learningRate,
    alpha: 0.9,
    beta: 0.7,
  }),
  pair("qhm", optim.qhm, { learningRate, decay: 0.9, nu: 0.7 }),
  pair("aggMo", optim.aggMo, { learningRate }),
  pair("asgd", optim.asgd, { learningRate, lambd: 0.01, alpha: 0.75, t0: 4 }),
  pair(
    "noisySgd",
    (o: { learningRate: LearningRate; eta: Hyperparameter; gamma: Hyperparameter }) =>
      optim.noisySgd({ ...o, seed: 0 }),
    { learningRate, eta: 0.1, gamma: 0.55 },
  ),
  pair("adam", optim.adam, { ...moments, epsRoot }),
  pair("adamW", optim.adamW, { ...moments, weightDecay }),
  pair("amsGrad", optim.amsGrad, { ...moments, epsRoot }),
  pair("adaMaxW", optim.adaMaxW, { ...moments, weightDecay }),
  pair("nadamW", optim.nadamW, { ...moments, weightDecay, momentumDecay: 4e-3 }),
  pair("radam", optim.radam, { ...moments, threshold: 5 }),
  pair("adaBelief", optim.adaBelief, { ...moments, epsRoot }),
  pair("adaBound", optim.adaBound, { ...moments, gamma: 1e-2, finalLearningRate: 0.05 }),
  pair("yogi", optim.yogi, { ...moments, epsRoot, initialAccumulatorValue: 1e-3 }),
  pair("qhadam", optim.qhadam, { ...moments, nu1: 0.7, nu2: 0.9 }),
  pair("adan", optim.adan, { ...moments, b3: 0.9, weightDecay }),
  pair("adopt", optim.adopt, { ...moments, weightDecay }),
  pair("acprop", optim.acprop, { ...moments, weightDecay }),
  pair("ademamix", optim.ademamix, { ...moments, b3: 0.99, alpha: 3, weightDecay }),
  pair("simplifiedAdemamix", optim.simplifiedAdemamix, { ...moments, alpha: 3, weightDecay }),
  pair("optimisticAdam", optim.optimisticAdam, { ...moments, alpha: 0.9, beta: 0.7 }),
  pair("adamP", optim.adamP, moments),
  pair("sgdP", optim.sgdP, { learningRate, momentum: 0.9, weightDecay }),
  pair("adaMod", optim.adaMod, moments),
  pair("diffGrad", optim.diffGrad, moments),
  pair("laProp", optim.laProp, moments),
  pair("adamL2", optim.adamL2, { ...moments, weightDecay }),
  pair("adamEpsInRoot", optim.adamEpsInRoot, moments),
  pair("adaGrad", optim.adaGrad, { learningRate, eps: 1e-3, initialAccumulatorValue: 0.1 }),
  pair("adaDelta", optim.adaDelta, { learningRate, rho: 0.9, eps: 1e-3, weightDecay }),
  pair("rmsProp", optim.rmsProp, {
    learningRate,
    decay: 0.9,
    eps: 1e-3,
    momentum: 0.9,
    centered: true,
  }),
  pair("ftrl", optim.ftrl, {
    learningRate,
    beta: 1,
    l1: 0.01,
    l2: 0.02,
  }),
  pair("lion", optim.lion, { learningRate, b1: 0.9, b2: 0.99, weightDecay }),
  pair("signSgd", optim.signSgd, { learningRate }),
  pair("signum", optim.signum, { learningRate, beta: 0.9 }),
  pair("rprop", optim.rprop, { learningRate, etaMinus: 0.5, etaPlus: 1.2 }),
  pair("lamb", optim.lamb, {
    ...moments,
    weightDecay,
  }),
  pair("lars", optim.lars, { learningRate, weightDecay, trustCoefficient: 0.01, momentum: 0.9 }),
  pair("novograd", optim.novograd, { ...moments, weightDecay }),
  pair("fromage", optim.fromage, { learningRate, minNorm: 1e-3 }),
  pair(
    "adafactor",
    (o: { learningRate: LearningRate; decayRate: Hyperparameter; eps: Hyperparameter }) =>
      optim.adafactor(o),
    { learningRate, decayRate: 0.8, eps: 1e-3 },
  ),
  pair("sm3", optim.sm3, { learningRate, momentum: 0.9 }),
  pair("madgrad", optim.madgrad, { learningRate, momentum: 0.9, eps: 1e-3 }),
  pair("cocob", optim.cocob, { learningRate: 1, alpha: 100, eps: 1e-3, weightDecay }),
  pair("dadaptAdamW", optim.dadaptAdamW, { ...moments, estimLr0: 1e-2, weightDecay }),
  pair("dadaptSgd", optim.dadaptSgd, { learningRate: 1, momentum: 0.9, estimLr0: 1e-2 }),
  pair("dog", optim.dog, { learningRate: 1, eps: 1e-3, weightDecay }),
  pair("dowg", optim.dowg, { learningRate: 1, initSquaredDistance: 1e-2, weightDecay }),
  pair("shampoo", optim.shampoo, { learningRate, momentum: 0.9, eps: 1e-3 }),
  pair("psgdKron", optim.psgdKron, { learningRate, b1: 0.9, weightDecay, damping: 1e-3 }),
  pair("prodigy", optim.prodigy, { ...moments, estimLr0: 1e-2, weightDecay }),
  pair("polyakSgd", optim.polyakSgd, { scaling: 0.5, fMin: 0.1, maxLearningRate: 1, eps: 1e-3 }),
  pair("momo", optim.momo, { learningRate, beta: 0.9, lowerBound: 0.1, weightDecay }),
  pair("momoAdam", optim.momoAdam, { ...moments, lowerBound: 0.1, weightDecay }),
  pair("alig", optim.alig, { maxLearningRate: 0.1, momentum: 0.9, eps: 1e-3 }),
  pair("scheduleFreeSgd", optim.scheduleFreeSgd, { learningRate, b1: 0.9, weightDecay }),
  pair("scheduleFreeAdamW", optim.scheduleFreeAdamW, { ...moments, weightDecay }),
  pair(
    "muon",
    (o: { learningRate: LearningRate; beta: Hyperparameter; weightDecay: Hyperparameter }) =>
      optim.muon(o),
    { learningRate, beta: 0.9, weightDecay },
  ),
  pair(
    "soap",
    (o: Omit<optim.SoapOptions, "maxPreconditionerSize" | "preconditionFrequency">) =>
      optim.soap(o),
    { ...moments, weightDecay },
  ),
];

describe.each(pairs)("$name", ({ plain, injected, names }) => {
  const grads = golden.grads.slice(0, 12);

  test("makes the updates that it makes without injection, in float64 and in float32", () => {
    const [got, want] = [injected(), plain()].map((tx) => driveFloat64(tx, golden.params, grads));
    expect(farthest(got ?? [], want ?? [])).toBeLessThan(1e-12);
    // 1 − b is rounded once more: measured 4e-7 at most.
    const [got32, want32] = [injected(), plain()].map((tx) =>
      driveFloat32(tx, golden.params, grads),
    );
    expect(farthest(got32 ?? [], want32 ?? [])).toBeLessThan(1e-6);
  });

  test("has all its numbers in the state", () => {
    const state = injected().init({ w: tf.zeros([3, 4]), b: tf.zeros([4]) });
    const { hyperparams } = state as { hyperparams: Readonly<Record<string, tf.Tensor>> };
    expect(Object.keys(hyperparams)).toEqual(names);
    for (const x of Object.values(hyperparams)) expect([x.dtype, x.shape]).toEqual(["float32", []]);
  });
});

test.each(["sgd", "adam", "adamW", "rmsProp", "lion", "adaGrad"])(
  "%s: a compiled step follows values that are set, without being traced again",
  (name) => {
    const { injected } = pairs.find((other) => other.name === name) as Pair;
    const optimizer = injected();
    const start = { w: tf.tensor1d([1, -2]) };
    const step = (params: typeof start, state: unknown): readonly [typeof start, unknown] => {
      const { updates, state: next } = optimizer.update(params, state, params);
      return [applyUpdates(params, updates), next];
    };
    const compiled = compile(step);
    const drive = (run: typeof step, rates: readonly number[]): number[] => {
      let [params, state] = [start, optimizer.init(start)];
      return rates.flatMap((rate) => {
        const set = setHyperparams(state as InjectHyperparamsState<"learningRate", unknown>, {
          learningRate: rate,
        });
        [params, state] = run(params, set);
        return [...params.w.dataSync()];
      });
    };
    const rates = [0.1, 0.025, 0];
    const values = drive(compiled, rates);
    expect(values).toEqual(drive(step, rates).map((x) => expect.closeTo(x, 5)));
    const [first, , second] = drive(compiled, [0.1, 0.1]);
    expect([values[0], values[2] !== second]).toEqual([first, true]);
    expect(compiled.traces).toBe(1);
    compiled.dispose();
  },
);

test("schedules are evaluated at the number of updates before; their values can be read", () => {
  const optimizer = injectHyperparams(sgd, {
    learningRate: linearSchedule({ initValue: 1, endValue: 0, steps: 4 }),
    momentum: (count: tf.Tensor) => tf.mul(tf.cast(count, "float32"), 0.25),
  });
  const grads = tf.scalar(1);
  let state = optimizer.init(grads);
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const step = optimizer.update(grads, state);
    state = step.state;
    const { learningRate: rate, momentum } = state.hyperparams;
    seen.push([rate, momentum, step.updates].map((x) => x.dataSync()[0]));
  }
  // t = 1, then 1 + 1/4, then 1 + 5/8.
  expect(seen).toEqual([
    [1, 0, -1],
    [0.75, 0.25, -0.75 * 1.25],
    [0.5, 0.5, -0.5 * 1.625],
  ]);
});

test("setHyperparams copies everything, takes tensors, leaks nothing", () => {
  const optimizer = injectHyperparams(adam, { learningRate: 0.5, b1: 0.9 });
  const params = tf.tensor1d([1, 2]);
  const before = tf.memory().numTensors;
  const state = optimizer.init(params);
  const rate = tf.scalar(2);
  const changed = setHyperparams(state, { learningRate: rate });
  treeDispose([state, rate]);
  const { updates, state: next } = optimizer.update(params, changed);
  expect(updates.dataSync()[0]).toBeCloseTo(-2, 5);
  treeDispose([changed, next, updates]);
  expect(tf.memory().numTensors).toBe(before);
});

test("it can stand anywhere in a chain, for factories with positional arguments as well", () => {
  const clipBy = ({ maxNorm }: { readonly maxNorm: Hyperparameter }) => clipByGlobalNorm(maxNorm);
  const optimizer = chain(injectHyperparams(clipBy, { maxNorm: 5 }), scale(-1));
  const grads = tf.tensor1d([6, 8]);
  const [first, ...rest] = optimizer.init(grads);
  const state = [setHyperparams(first, { maxNorm: 1 }), ...rest] as const;
  const { updates } = optimizer.update(grads, state);
  expect([...updates.dataSync()]).toEqual([-0.6, -0.8].map((x) => expect.closeTo(x, 6)));
});

test("names, values and states have types; wrong uses do not compile", () => {
  type Names<T extends AnyTransformation> =
    OptimizerState<T> extends {
      readonly hyperparams: infer H;
    }
      ? keyof H
      : never;
  const scheduled = injectHyperparams(adamW, { learningRate: constantSchedule(1e-3), b1: 0.9 });
  expectTypeOf<Names<typeof scheduled>>().toEqualTypeOf<"learningRate" | "b1">();
  const nesterov = injectHyperparams(sgd, { learningRate, momentum: 0.9, nesterov: true });
  expectTypeOf<Names<typeof nesterov>>().toEqualTypeOf<"learningRate" | "momentum">();
  const polyak = injectHyperparams(polyakSgd, { scaling: 0.5 });
  expectTypeOf<ExtraOf<typeof polyak>["value"]>().toEqualTypeOf<tf.Tensor>();

  const state = injectHyperparams(scaleByAdam, { b1: 0.9 }).init(tf.scalar(1));
  expectTypeOf(state.inner.count).toEqualTypeOf<tf.Scalar>();
  expectTypeOf(setHyperparams(state, { b1: 0.5 })).toEqualTypeOf<typeof state>();
  // @ts-expect-error b2 was not injected
  expect(() => setHyperparams(state, { b2: 0.5 })).toThrow(
    "setHyperparams: expected names among [b1], got b2",
  );
  // @ts-expect-error no such option
  injectHyperparams(scaleByAdam, { b3: 0.9 });
  // @ts-expect-error a required option is missing
  injectHyperparams(sgd, { momentum: 0.9 });
  // @ts-expect-error a boolean, not a number
  injectHyperparams(sgd, { learningRate, nesterov: 1 });

  const repeated = ({ times, rate }: { readonly times: number; readonly rate: Hyperparameter }) =>
    chain(...Array.from({ length: times }, () => scale(rate)));
  // @ts-expect-error a number that may not be a tensor must be static
  injectHyperparams(repeated, { times: 2, rate: 3 });
  const fixed = injectHyperparams(repeated, { times: 2, rate: 3 }, { static: ["times"] });
  expectTypeOf<Names<typeof fixed>>().toEqualTypeOf<"rate">();
  const { updates } = fixed.update(tf.scalar(1), fixed.init(tf.scalar(1)));
  expect(updates.dataSync()[0]).toBe(9);

  const byFunction = ({ keep }: { readonly keep: (path: string) => boolean }) =>
    scale(keep("w") ? 1 : 0);
  // @ts-expect-error a function that is no schedule must be static
  const wrong = injectHyperparams(byFunction, { keep: () => true });
  expect(() => wrong.init(tf.scalar(1))).toThrow(
    "injectHyperparams: keep: expected a schedule, which returns a tensor, got boolean; name functions that are no schedules in static",
  );
  const kept = injectHyperparams(byFunction, { keep: () => true }, { static: ["keep"] });
  expect(Object.keys(kept.init(tf.scalar(1)).hyperparams)).toEqual([]);
});

test("setHyperparams says that a state is another one's", () => {
  const optimizer = chain(injectHyperparams(sgd, { learningRate: 1 }));
  const state = optimizer.init(tf.scalar(0));
  expect(() => setHyperparams(state as never, { learningRate: 0 } as never)).toThrow(
    "setHyperparams: expected a state of injectHyperparams, got another",
  );
});
