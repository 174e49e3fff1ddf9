import type { AnyTransformation } from "@layerwise/optim";
import {
  addDecayedWeights,
  chain,
  emaMomentum,
  type LionMode,
  lion,
  rprop,
  scale,
  scaleByLion,
  scaleByRprop,
  scaleBySign,
  signSgd,
  signum,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { distance, type Trajectory, trajectory, trajectoryOf } from "./support/trajectory.ts";
import "./setup.ts";

const learningRate = 0.1;

/** All steps of a trajectory that starts at zero. */
const steps = (path: Trajectory): number[] =>
  path.flatMap((params, t) => params.map((x, i) => x - (path[t - 1]?.[i] ?? 0)));

const params = (x: readonly number[]) => x.map(() => 0);

test("steps are the learning rate long, or zero where the gradient is", () => {
  for (const optimizer of [
    signSgd({ learningRate }),
    signum({ learningRate, beta: 0 }),
    lion({ learningRate, b1: 0, b2: 0, weightDecay: 0 }),
  ]) {
    const sizes = steps(trajectory(optimizer, { params })).map(Math.abs);
    expect(sizes.every((s) => Math.min(s, Math.abs(s - 0.1)) < 1e-12)).toBe(true);
    // Gradient 8 of the fixture is zero, and one number of gradient 4.
    expect(sizes.filter((s) => s < 1e-12)).toHaveLength(17);
  }
  const grads = tf.tensor1d([-2, 0, -0, 1e-30]);
  const { updates } = scaleBySign().update(grads, null);
  expect([...updates.dataSync()].map((x) => x + 0)).toEqual([-1, 0, 0, 1]);
});

test.each<[string, AnyTransformation]>([
  ["signSgd", signSgd({ learningRate })],
  ["signum", signum({ learningRate })],
  ["lion", lion({ learningRate })],
  ["rprop", rprop({ learningRate })],
])("%s knows no scale of the gradients", (_, optimizer) => {
  const small = trajectory(optimizer, { grads: (g) => g.map((x) => x * 1e-12) });
  expect(distance(trajectory(optimizer), small)).toBeLessThan(1e-12);
});

test("Lion with one decay for both is Signum; its decay is decoupled", () => {
  const one = lion({ learningRate, b1: 0.9, b2: 0.9, weightDecay: 0 });
  expect(distance(trajectory(one), trajectory(signum({ learningRate })))).toBeLessThan(1e-12);
  const decayed = chain(scaleByLion(), addDecayedWeights(0.1), scale(-learningRate));
  const named = lion({ learningRate, weightDecay: 0.1 });
  expect(distance(trajectory(named), trajectory(decayed))).toBeLessThan(1e-12);
});

test("Lion's modes meet: a steep tanh is the sign, small blends are not clipped", () => {
  const modes = (mode: LionMode, smoothBeta: number) =>
    trajectory(chain(scaleByLion({ b1: 0.9, b2: 0.9, mode, smoothBeta }), scale(-learningRate)), {
      grads: (g) => g.map((x) => x / 1000),
    });
  expect(distance(modes("smooth", 1e9), modes("hard", 1))).toBeLessThan(1e-12);
  const blends = trajectory(emaMomentum({ learningRate }), {
    grads: (g) => g.map((x) => x / 1000),
  });
  expect(distance(modes("refined", 1), blends)).toBeLessThan(1e-12);
});

test("Rprop (oracle: iRprop− of Igel and Hüsken, 2003, in JavaScript)", () => {
  const want = trajectoryOf(() => {
    let [size, before] = [0.2, 0];
    return (theta, g) => {
      let derivative = g;
      if (before * derivative > 0) size = Math.min(size * 1.3, 2);
      if (before * derivative < 0) {
        size = Math.max(size * 0.4, 0.01);
        derivative = 0;
      }
      before = derivative;
      return theta - size * Math.sign(derivative);
    };
  });
  const optimizer = rprop({
    learningRate: 0.2,
    etaMinus: 0.4,
    etaPlus: 1.3,
    minStepSize: 0.01,
    maxStepSize: 2,
  });
  expect(distance(trajectory(optimizer), want)).toBeLessThan(1e-12);
});

test("Rprop steps at once, rests after a change of sign, and sees signs of tiny gradients", () => {
  const tx = scaleByRprop({ initialStepSize: 0.5 });
  let state = tx.init(tf.tensor1d([0, 0]));
  const sizes = [1e-30, 1e-30, -1e-30, -1e-30, -1e-30].map((g) => {
    const result = tx.update(tf.tensor1d([g, -g]), state);
    state = result.state;
    return result.updates.dataSync();
  });
  const wanted = [0.5, 0.6, 0, -0.3, -0.36];
  sizes.forEach(([x = 0, y = 0], t) => {
    expect(x).toBeCloseTo(wanted[t] ?? Number.NaN, 6);
    expect(y).toBeCloseTo(-(wanted[t] ?? Number.NaN), 6);
  });
});

test("impossible options are refused", () => {
  expect(() => scaleByLion({ mode: "soft" as LionMode })).toThrow(
    'scaleByLion: mode: expected one of "hard", "smooth", "refined", got soft',
  );
  expect(() => lion({ learningRate, b1: 1 })).toThrow("scaleByLion: b1");
  expect(() => signum({ learningRate, beta: 1 })).toThrow("signum: beta");
  expect(() => rprop({ learningRate, etaPlus: 0.9 })).toThrow(
    "scaleByRprop: etaPlus: expected a number at least 1, got 0.9",
  );
  expect(() => rprop({ learningRate: -1 })).toThrow(
    "rprop: learningRate: expected a number at least 0, got -1",
  );
  // @ts-expect-error Rprop adapts its own step sizes: no schedule
  expect(() => rprop({ learningRate: (count: tf.Tensor) => count })).toThrow("rprop: learningRate");
  expect(() =>
    lion({ learningRate }).update(tf.scalar(1), lion({ learningRate }).init(tf.scalar(1))),
  ).toThrow("addDecayedWeights: expected the parameters as update's third argument, got undefined");
});
