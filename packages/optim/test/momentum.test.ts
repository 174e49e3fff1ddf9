import { compile, constant, grad, type TensorTree } from "@layerwise/autodiff";
import type { AnyTransformation } from "@layerwise/optim";
import {
  addNoise,
  aggMo,
  applyUpdates,
  asgd,
  averagedParams,
  averageIterates,
  chain,
  constantSchedule,
  ema,
  emaMomentum,
  heavyBall,
  joinSchedules,
  nesterovMomentum,
  nesterovRmsProp,
  noisySgd,
  optimisticGradientDescent,
  qhm,
  rmsProp,
  scale,
  scaleByAggmo,
  scaleByLearningRate,
  sgd,
  trace,
  traceAhead,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import fixture from "./fixtures/momentum.json" with { type: "json" };
import { float64, type HostTensor, hostLeaves, numbers } from "./support/float64.ts";
import type { AnyOptimizer } from "./support/row.ts";
import { distance, type Trajectory, trajectory, trajectoryOf } from "./support/trajectory.ts";
import "./setup.ts";

const learningRate = 0.1;

describe("identities, over 50 given gradients in float64", () => {
  test.each<[string, AnyTransformation, AnyTransformation]>([
    [
      "heavyBall is sgd, at a constant rate",
      heavyBall({ learningRate }),
      sgd({ learningRate, momentum: 0.9 }),
    ],
    [
      "heavyBall is sgd, with Nesterov",
      heavyBall({ learningRate, nesterov: true }),
      sgd({ learningRate, momentum: 0.9, nesterov: true }),
    ],
    [
      "emaMomentum is sgd with 1 − λ times the rate",
      emaMomentum({ learningRate, momentum: 0.75 }),
      sgd({ learningRate: learningRate * 0.25, momentum: 0.75 }),
    ],
    ["ema with decay 0 changes nothing", chain(ema({ decay: 0 }), scale(-1)), scale(-1)],
    ["trace with decay 0 changes nothing", chain(trace({ decay: 0 }), scale(-1)), scale(-1)],
    ["qhm with ν = 0 is sgd", qhm({ learningRate, nu: 0 }), sgd({ learningRate })],
    [
      "qhm with ν = 1 is emaMomentum",
      qhm({ learningRate, decay: 0.9, nu: 1 }),
      emaMomentum({ learningRate }),
    ],
    [
      "qhm with ν = β is Nesterov's momentum with 1 − β times the rate",
      qhm({ learningRate, decay: 0.75, nu: 0.75 }),
      sgd({ learningRate: learningRate * 0.25, momentum: 0.75, nesterov: true }),
    ],
    [
      "aggMo with one decay is momentum",
      aggMo({ learningRate, betas: [0.9] }),
      sgd({ learningRate, momentum: 0.9 }),
    ],
    [
      "optimistic gradients with β = 0 are gradients",
      optimisticGradientDescent({ learningRate, beta: 0 }),
      sgd({ learningRate }),
    ],
    ["asgd without decay is sgd", asgd({ learningRate, lambd: 0 }), sgd({ learningRate })],
    [
      "noise of variance 0 is none",
      noisySgd({ learningRate, eta: 0, seed: 1 }),
      sgd({ learningRate }),
    ],
  ])("%s", (_, got, want) => {
    expect(distance(trajectory(got), trajectory(want))).toBeLessThan(1e-12);
  });

  test("momentum is linear in the gradients and turns with them", () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const triple = (x: readonly number[]) => x.map((v) => 3 * v);
    const turn = ([x = 0, y = 0, ...rest]: readonly number[]) => [
      c * x - s * y,
      s * x + c * y,
      ...rest,
    ];
    const params = (x: readonly number[]) => x.map(() => 0);
    for (const optimizer of [
      sgd({ learningRate, momentum: 0.9, dampening: 0.5 }),
      heavyBall({ learningRate, nesterov: true }),
      emaMomentum({ learningRate, debias: true }),
      qhm({ learningRate }),
      aggMo({ learningRate }),
      optimisticGradientDescent({ learningRate }),
      asgd({ learningRate }),
    ]) {
      const plain = trajectory(optimizer, { params });
      for (const grads of [triple, turn]) {
        const transformed = trajectory(optimizer, { params, grads });
        expect(distance(transformed, plain.map(grads))).toBeLessThan(1e-12);
      }
    }
  });
});

test("rules that look alike differ: the rate inside or outside, dampening or averaging", () => {
  const halved = joinSchedules([constantSchedule(0.1), constantSchedule(0.05)], [25]);
  const inside = trajectory(heavyBall({ learningRate: halved }));
  const outside = trajectory(sgd({ learningRate: halved, momentum: 0.9 }));
  expect(distance(inside.slice(0, 25), outside.slice(0, 25))).toBeLessThan(1e-12);
  expect(distance(inside.slice(25, 26), outside.slice(25, 26))).toBeGreaterThan(0.01);
  const dampened = trajectory(sgd({ learningRate, momentum: 0.9, dampening: 0.9 }));
  expect(distance(dampened, trajectory(emaMomentum({ learningRate })))).toBeGreaterThan(0.01);
});

test("a velocity under a schedule, debiased averages (oracle: the formulas in JavaScript)", () => {
  const rate = (count: tf.Tensor) => tf.tidy(() => tf.div(constant(0.1), tf.add(count, 1)));
  const velocity = trajectoryOf(() => {
    let v = 0;
    return (theta, g, t) => {
      v = 0.9 * v - (0.1 / (1 + t)) * g;
      return theta + v;
    };
  });
  expect(distance(trajectory(heavyBall({ learningRate: rate })), velocity)).toBeLessThan(1e-12);
  const debiased = trajectoryOf(() => {
    let m = 0;
    return (theta, g, t) => {
      m = 0.8 * m + 0.2 * g;
      return theta - (0.1 * m) / (1 - 0.8 ** (t + 1));
    };
  });
  const optimizer = emaMomentum({ learningRate, momentum: 0.8, debias: true });
  expect(distance(trajectory(optimizer), debiased)).toBeLessThan(1e-12);
});

describe("Nesterov's gradient ahead", () => {
  const rosenbrock = (p: tf.Tensor): tf.Tensor => {
    const [x, y] = tf.unstack(p) as [tf.Tensor, tf.Tensor];
    const valley = tf.square(tf.sub(y, tf.square(x)));
    return tf.add(tf.square(tf.sub(1, x)), tf.mul(100, valley));
  };
  const gradFn = grad(rosenbrock);

  /** Parameters, and parameters plus α times the velocity, on the Rosenbrock function. */
  const run = (transformation: AnyTransformation, alpha: number, steps: number): Trajectory[] => {
    const optimizer = transformation as unknown as AnyOptimizer;
    const start = tf.tensor1d([-1, 1.5]);
    const first = [start, optimizer.init(start)] as const;
    const step = float64(([params, state]: readonly [tf.Tensor, unknown]) => {
      const extra = { gradFn: gradFn as unknown as <T extends TensorTree>(p: T) => T };
      const next = optimizer.update(gradFn(params), state, params, extra);
      return [applyUpdates(params, next.updates as tf.Tensor), next.state, next.updates];
    }, first);
    let carry = hostLeaves(first);
    const rows = Array.from({ length: steps }, () => {
      const next = step(carry);
      carry = next.slice(0, -1);
      const [x = [], v = []] = [next[0], next.at(-1)].map((t) => numbers([t as HostTensor]));
      return [x, x.map((value, i) => value + alpha * (v[i] ?? Number.NaN))] as const;
    });
    return [rows.map(([x]) => x), rows.map(([, ahead]) => ahead)];
  };

  test("visits the points of the re-parametrised rule on 200 Rosenbrock steps", () => {
    const rate = 1e-3;
    const [, ahead = []] = run(nesterovMomentum({ learningRate: rate }), 0.9, 200);
    const [inside = []] = run(heavyBall({ learningRate: rate, nesterov: true }), 0.9, 200);
    const [outside = []] = run(
      sgd({ learningRate: rate, momentum: 0.9, nesterov: true }),
      0.9,
      200,
    );
    expect(distance(ahead, inside)).toBeLessThan(1e-12);
    expect(distance(ahead, outside)).toBeLessThan(1e-12);
    expect(distance(ahead.slice(0, 1), [[-1, 1.5]])).toBeGreaterThan(0.1);
  });

  test("also where the rate changes, if it is inside the velocity", () => {
    const rate = (count: tf.Tensor) => tf.tidy(() => tf.div(constant(1e-3), tf.add(count, 1)));
    const [, ahead = []] = run(nesterovMomentum({ learningRate: rate }), 0.9, 50);
    const [inside = []] = run(heavyBall({ learningRate: rate, nesterov: true }), 0.9, 50);
    expect(distance(ahead, inside)).toBeLessThan(1e-12);
  });

  test("with RMSProp, algorithm 8.6 of Goodfellow et al. (oracle: optax's re-parametrised rule)", () => {
    const options = { learningRate: 1e-3, momentum: 0.9, eps: 1e-6 };
    const [, ahead = []] = run(nesterovRmsProp(options), 0.9, 50);
    const [want = []] = run(rmsProp({ ...options, nesterov: true }), 0.9, 50);
    expect(distance(ahead, want)).toBeLessThan(1e-12);
  });

  test("wants its gradient function and parameters", () => {
    const optimizer = traceAhead({ decay: 0.9 }, scaleByLearningRate(0.1));
    const x = tf.scalar(1);
    const state = optimizer.init(x);
    const before = tf.memory().numTensors;
    // @ts-expect-error the extra argument `gradFn` is missing
    expect(() => optimizer.update(x, state, x)).toThrow(
      "traceAhead: expected gradFn, a function, in update's fourth argument, got undefined",
    );
    expect(() => optimizer.update(x, state, undefined, { gradFn: (p) => p })).toThrow(
      "traceAhead: expected the parameters as update's third argument, got undefined",
    );
    expect(tf.memory().numTensors).toBe(before);
    // A chain asks for what its members ask for.
    const chained = chain(nesterovMomentum({ learningRate }), scale(0.5));
    // @ts-expect-error the extra argument `gradFn` is missing
    expect(() => chained.update(x, chained.init(x), x)).toThrow("gradFn");
  });
});

test("ASGD's averages are PyTorch's", () => {
  const optimizer = asgd({ learningRate, lambd: 0.01, t0: 5 });
  const averages = trajectory(optimizer, {}, (params, state) => averagedParams(state, params));
  for (const [step, { w, b }] of Object.entries(fixture.averages.trajectory)) {
    const got = averages[Number(step) - 1] ?? [];
    expect(distance([got], [[...w.flat(), ...b]]), `step ${step}`).toBeLessThan(1e-12);
  }
});

test("the average of iterates is their mean, from t₀ + 2 on", () => {
  const optimizer = chain(sgd({ learningRate }), averageIterates({ t0: 3 }));
  const path = trajectory(optimizer);
  const averages = trajectory(optimizer, {}, (params, state) => averagedParams(state, params));
  const means = path.map((params, i) => {
    const rows = i <= 4 ? [params] : path.slice(4, i + 1);
    return params.map((_, j) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / rows.length);
  });
  expect(distance(averages, means)).toBeLessThan(1e-12);
});

test("optimistic gradients settle in the game min max x y, around which plain ones spiral away", () => {
  const play = (optimizer: AnyTransformation): number => {
    const { init, update } = optimizer as unknown as AnyOptimizer;
    const start = tf.tensor1d([1, 1]);
    const first = [start, init(start)] as const;
    const step = float64(([params, state]: readonly [tf.Tensor, unknown]) => {
      const [x, y] = tf.split(params, 2) as [tf.Tensor, tf.Tensor];
      const { updates, state: next } = update(tf.concat([y, tf.neg(x)]), state, params);
      return [applyUpdates(params, updates), next];
    }, first);
    let carry = hostLeaves(first);
    for (let i = 0; i < 500; i++) carry = step(carry);
    return Math.hypot(...numbers(carry.slice(0, 1)));
  };
  expect(play(optimisticGradientDescent({ learningRate: 0.2 }))).toBeLessThan(1e-3);
  expect(play(sgd({ learningRate: 0.2 }))).toBeGreaterThan(5);
});

describe("gradient noise", () => {
  const size = 40_000;
  const params = { a: tf.zeros([size]), b: tf.zeros([size]) };
  const optimizer = addNoise({ eta: 0.04, gamma: 0.5, seed: 3 });
  const moments = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x);
    return [mean.dataSync()[0] ?? Number.NaN, variance.dataSync()[0] ?? Number.NaN] as const;
  };

  test("has mean 0 and variance η / (1 + t)^γ, independent over tensors and steps", () => {
    let state = optimizer.init(params);
    const samples: tf.Tensor[] = [];
    for (let t = 0; t < 9; t++) {
      const { updates, state: next } = optimizer.update(params, state);
      state = next;
      // 5 standard errors.
      const wanted = 0.04 / Math.sqrt(1 + t);
      const [mean, variance] = moments(updates.a);
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(wanted / size));
      expect(Math.abs(variance / wanted - 1)).toBeLessThan(5 * Math.sqrt(2 / size));
      if (t < 2) samples.push(...[updates.a, updates.b].map((x) => tf.div(x, Math.sqrt(wanted))));
    }
    for (const [i, x] of samples.entries()) {
      for (const y of samples.slice(i + 1)) {
        const [correlation = 1] = tf.mean(tf.mul(x, y)).dataSync();
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(size));
      }
    }
  });

  test("depends on state and name only, also compiled", () => {
    const few = { a: tf.zeros([3]), b: tf.zeros([2]) };
    const state = optimizer.init(few);
    const noise = (tree: TensorTree) => optimizer.update(tree, state).updates as typeof few;
    const { a, b } = noise(few);
    expect(noise({ b: few.b }).b.dataSync()).toEqual(b.dataSync());
    expect(noise(few).a.dataSync()).toEqual(a.dataSync());
    const other = addNoise({ seed: 4 });
    expect(other.update(few, other.init(few)).updates.a.dataSync()).not.toEqual(a.dataSync());
    const compiled = compile((s: typeof state) => optimizer.update(few, s).updates);
    const [x, y] = [compiled(state).a.dataSync(), a.dataSync()];
    expect(Math.max(...x.map((v, i) => Math.abs(v - (y[i] ?? 0))))).toBeLessThan(1e-6);
    compiled.dispose();
  });

  test("leaves nothing behind", () => {
    const before = tf.memory().numTensors;
    const state = optimizer.init(params);
    const { updates, state: next } = optimizer.update(params, state);
    expect(tf.memory().numTensors).toBe(before + 6);
    tf.dispose([state, updates, next]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("impossible options are refused", () => {
  expect(() => sgd({ learningRate, momentum: 1 })).toThrow(
    "sgd: momentum: expected a number in [0, 1), got 1",
  );
  expect(() => sgd({ learningRate, dampening: 0.5 })).toThrow(
    "sgd: momentum: expected a number with dampening, got undefined",
  );
  expect(() => trace({ decay: 0.9, dampening: 0.5, nesterov: true })).toThrow(
    "trace: dampening: expected 0 with nesterov, got 0.5",
  );
  expect(() => ema({ decay: -0.1 })).toThrow("ema: decay: expected a number in [0, 1), got -0.1");
  expect(() => qhm({ learningRate, nu: Number.NaN })).toThrow(
    "scaleByQhm: nu: expected a finite number, got NaN",
  );
  expect(() => scaleByAggmo({ betas: [] })).toThrow(
    "scaleByAggmo: betas: expected one decay or more, got []",
  );
  expect(() => aggMo({ learningRate, betas: [0, 1] })).toThrow("scaleByAggmo: betas");
  expect(() => asgd({ learningRate, lambd: -1 })).toThrow("asgd: lambd");
  expect(() => addNoise({ eta: -1, seed: 0 })).toThrow("addNoise: eta");
  // @ts-expect-error noise needs a seed
  expect(() => noisySgd({ learningRate })).toThrow(
    "addNoise: seed: expected a whole number from 0 to 2^53 - 1, got undefined",
  );
  // @ts-expect-error no learning rate
  expect(() => heavyBall({})).toThrow(
    "heavyBall: learningRate: expected a number at least 0 or a schedule",
  );
  expect(() =>
    averageIterates().update(tf.scalar(1), averageIterates().init(tf.scalar(1))),
  ).toThrow("averageIterates: expected the parameters as update's third argument, got undefined");
});
