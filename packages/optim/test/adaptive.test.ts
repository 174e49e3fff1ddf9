import type { AnyTransformation } from "@layerwise/optim";
import {
  adaDelta,
  adaGrad,
  adam,
  chain,
  ftrl,
  nesterovRmsProp,
  rmsProp,
  scale,
  scaleByAdadelta,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { distance, trajectory, trajectoryOf } from "./support/trajectory.ts";
import "./setup.ts";

const learningRate = 0.1;
const zeros = (x: readonly number[]) => x.map(() => 0);

describe("against the formulas in JavaScript", () => {
  test("AdaDelta (Zeiler, 2012, algorithm 1)", () => {
    const want = trajectoryOf(() => {
      let [grads, updates] = [0, 0];
      return (theta, g) => {
        grads = 0.95 * grads + 0.05 * g * g;
        const step = -(Math.sqrt(updates + 1e-4) / Math.sqrt(grads + 1e-4)) * g;
        updates = 0.95 * updates + 0.05 * step * step;
        return theta + step;
      };
    });
    expect(distance(trajectory(adaDelta({ rho: 0.95, eps: 1e-4 })), want)).toBeLessThan(1e-12);
  });

  test("RMSProp as in the lecture and with TensorFlow's momentum under a schedule", () => {
    const want = trajectoryOf(() => {
      let [r, v] = [1, 0];
      return (theta, g, t) => {
        r = 0.9 * r + 0.1 * g * g;
        v = 0.8 * v - ((0.1 / (1 + t)) * g) / Math.sqrt(r + 1e-6);
        return theta + v;
      };
    });
    const rate = (count: tf.Tensor) => tf.tidy(() => tf.div(1, tf.mul(10, tf.add(count, 1))));
    const optimizer = rmsProp({ learningRate: rate, momentum: 0.8, eps: 1e-6, initialScale: 1 });
    expect(distance(trajectory(optimizer), want)).toBeLessThan(1e-12);
    const outside = rmsProp({
      learningRate: rate,
      momentum: 0.8,
      eps: 1e-6,
      initialScale: 1,
      learningRateInVelocity: false,
    });
    expect(distance(trajectory(outside), want)).toBeGreaterThan(0.01);
  });

  test("centered RMSProp (Graves, 2013, equations 38 to 41)", () => {
    const want = trajectoryOf(() => {
      let [n, m, delta] = [0, 0, 0];
      return (theta, g) => {
        n = 0.95 * n + 0.05 * g * g;
        m = 0.95 * m + 0.05 * g;
        delta = 0.9 * delta - (1e-2 * g) / Math.sqrt(n - m * m + 1e-4);
        return theta + delta;
      };
    });
    const optimizer = rmsProp({
      learningRate: 1e-2,
      decay: 0.95,
      eps: 1e-4,
      centered: true,
      momentum: 0.9,
    });
    expect(distance(trajectory(optimizer), want)).toBeLessThan(1e-12);
  });

  test("FTRL with the settings of Keras and TensorFlow (their documented formula)", () => {
    const [alpha, l1, l2, shrinkage, power] = [0.5, 0.2, 0.05, 0.01, -0.6];
    const want = trajectoryOf(() => {
      let [n, z] = [0.1, 0];
      return (theta, g) => {
        const next = n + g * g;
        const sigma = (next ** -power - n ** -power) / alpha;
        z += g + 2 * shrinkage * theta - sigma * theta;
        n = next;
        const quadratic = next ** -power / alpha + 2 * l2;
        return Math.abs(z) > l1 ? (Math.sign(z) * l1 - z) / quadratic : 0;
      };
    });
    const optimizer = ftrl({
      learningRate: alpha,
      beta: 0,
      l1,
      l2: 2 * l2,
      l2Shrinkage: shrinkage,
      learningRatePower: power,
      initialAccumulatorValue: 0.1,
    });
    expect(distance(trajectory(optimizer), want)).toBeLessThan(1e-12);
    expect(want.flat().filter((x) => x === 0).length).toBeGreaterThan(5);
  });
});

describe("identities, in float64", () => {
  test("Adam without its first moment is bias-corrected RMS with eps outside of the root", () => {
    const rms = scaleByRms({ decay: 0.999, epsInSqrt: false, debias: true, eps: 1e-3 });
    const without = adam({ learningRate, b1: 0, eps: 1e-3 });
    const got = trajectory(chain(rms, scale(-learningRate)));
    expect(distance(got, trajectory(without))).toBeLessThan(1e-12);
  });

  test("FTRL from zero without regularization is AdaGrad with eps = β", () => {
    const leader = ftrl({ learningRate, beta: 0.5 });
    const descent = adaGrad({
      learningRate,
      eps: 0.5,
      epsInSqrt: false,
      initialAccumulatorValue: 0,
    });
    const got = trajectory(leader, { params: zeros });
    expect(distance(got, trajectory(descent, { params: zeros }))).toBeLessThan(1e-12);
  });

  test("RMS of decay 0 is the sign; momentum of 0 is none; a centre of 0 is none", () => {
    const sign = trajectory(rmsProp({ learningRate, decay: 0, eps: 1e-300 }));
    const want = trajectoryOf(() => (theta, g) => theta - 0.1 * Math.sign(g));
    expect(distance(sign, want)).toBeLessThan(1e-12);
    const plain = trajectory(rmsProp({ learningRate }));
    expect(distance(trajectory(rmsProp({ learningRate, momentum: 0 })), plain)).toBeLessThan(1e-12);
  });

  test.each<[string, AnyTransformation]>([
    ["adaGrad", adaGrad({ learningRate, initialAccumulatorValue: 0, eps: 0 })],
    ["rmsProp", rmsProp({ learningRate, momentum: 0.9, eps: 0 })],
    ["scaleByStddev", chain(scaleByStddev({ eps: 0 }), scale(-learningRate))],
  ])("%s knows no scale of the gradients without eps", (_, optimizer) => {
    const scaled = trajectory(optimizer, { grads: (g) => g.map((x) => 1e3 * x + 0) });
    expect(distance(trajectory(optimizer), scaled)).toBeLessThan(1e-12);
  });
});

describe("eps is where it is said to be, at 1e-3", () => {
  test.each<[string, (epsInSqrt: boolean) => AnyTransformation]>([
    ["adaGrad", (epsInSqrt) => adaGrad({ learningRate, eps: 1e-3, epsInSqrt })],
    ["rmsProp", (epsInSqrt) => rmsProp({ learningRate, eps: 1e-3, epsInSqrt })],
    ["centered", (epsInSqrt) => rmsProp({ learningRate, eps: 1e-3, epsInSqrt, centered: true })],
  ])("%s", (_, make) => {
    expect(distance(trajectory(make(true)), trajectory(make(false)))).toBeGreaterThan(1e-4);
  });
});

test("steady gradients give no NaN where rounding makes their variance negative, in float32", () => {
  const grads = tf.concat([tf.linspace(1, 1000, 200), tf.tensor1d([1e-4])]);
  const tx = scaleByStddev();
  let state = tx.init(grads);
  let lowest = 0;
  for (let i = 0; i < 400; i++) {
    const { updates, state: next } = tx.update(grads, state);
    state = next;
    expect(updates.dataSync().every(Number.isFinite)).toBe(true);
    const [variance = 0] = tf
      .min(tf.sub(next.nu as tf.Tensor, tf.square(next.mu as tf.Tensor)))
      .dataSync();
    lowest = Math.min(lowest, variance);
  }
  expect(lowest).toBeLessThan(-1e-3);
});

test("AdaGrad: 0 where nothing was seen, also without eps; a NaN is not hidden", () => {
  for (const epsInSqrt of [true, false]) {
    const tx = scaleByRss({ initialAccumulatorValue: 0, eps: 0, epsInSqrt });
    const grads = tf.tensor1d([0, Number.NaN, 4]);
    const { updates } = tx.update(grads, tx.init(grads));
    expect([...updates.dataSync()]).toEqual([0, Number.NaN, 1]);
  }
});

test("AdaDelta's steps are its own, not those of gradient descent as in TensorFlow.js", () => {
  const grads = tf.tensor1d([2, -5]);
  const tx = scaleByAdadelta({ rho: 0.5, eps: 0.5 });
  const [x = 0, y = 0] = tx.update(grads, tx.init(grads)).updates.dataSync();
  expect(x).toBeCloseTo(2 * Math.sqrt(0.5 / 2.5), 6);
  expect(y).toBeCloseTo(-5 * Math.sqrt(0.5 / 13), 6);
  expect(distance(trajectory(adaDelta()), trajectory(sgd({ learningRate: 1 })))).toBeGreaterThan(1);
});

test("impossible options are refused, missing arguments named", () => {
  expect(() => adaGrad({ learningRate, initialAccumulatorValue: -1 })).toThrow(
    "scaleByRss: initialAccumulatorValue: expected a number at least 0, got -1",
  );
  expect(() => adaDelta({ rho: 1 })).toThrow(
    "scaleByAdadelta: rho: expected a number in [0, 1), got 1",
  );
  expect(() => rmsProp({ learningRate, decay: 1 })).toThrow("scaleByRms: decay");
  expect(() => rmsProp({ learningRate, decay: 1, centered: true })).toThrow("scaleByStddev: decay");
  expect(() => rmsProp({ learningRate, nesterov: true })).toThrow(
    "rmsProp: momentum: expected a number with nesterov, got undefined",
  );
  expect(() => ftrl({ learningRate, learningRatePower: 0.5 })).toThrow(
    "ftrl: learningRatePower: expected a number <= 0, got 0.5",
  );
  expect(() => ftrl({ learningRate, l1: -1 })).toThrow("ftrl: l1: expected a number at least 0");
  const x = tf.scalar(1);
  const leader = ftrl({ learningRate });
  expect(() => leader.update(x, leader.init(x))).toThrow(
    "ftrl: expected the parameters as update's third argument, got undefined",
  );
  const ahead = nesterovRmsProp({ learningRate });
  // @ts-expect-error the extra argument `gradFn` is missing
  expect(() => ahead.update(x, ahead.init(x), x)).toThrow("expected gradFn");
  // @ts-expect-error no learning rate
  expect(() => rmsProp({})).toThrow("rmsProp: learningRate: expected a number at least 0");
});
