import { constant, type TensorTree, treeLeaves } from "@layerwise/autodiff";
import type { AnyTransformation, GradientTransformation } from "@layerwise/optim";
import {
  adam,
  alig,
  applyUpdates,
  chain,
  cocob,
  constantSchedule,
  dadaptAdamW,
  dadaptSgd,
  dog,
  dowg,
  mechanize,
  momo,
  momoAdam,
  polyakSgd,
  prodigy,
  scaleByDog,
  scaleByPolyak,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { distance, trajectory } from "./support/trajectory.ts";

/** An optimizer that is always told the same loss. */
const told = (
  value: number,
  tx: GradientTransformation<unknown, { readonly value: tf.Tensor }>,
): AnyTransformation =>
  ({
    init: (params: TensorTree) => tx.init(params),
    update: (grads: TensorTree, state: unknown, params: TensorTree) =>
      tx.update(grads, state, params, { value: constant(value) }),
  }) as AnyTransformation;

const scaled = (factor: number) => ({
  grads: (g: readonly number[]) => g.map((x) => factor * x),
});

describe("the scale of gradients does not matter (exact without eps)", () => {
  test.each([
    ["cocob", () => cocob({ eps: 1e-30 })],
    ["dog", () => dog({ eps: 1e-30 })],
    ["dowg", () => dowg({ initSquaredDistance: 1e-4, eps: 1e-30 })],
    ["dadaptAdamW", () => dadaptAdamW({ estimLr0: 0.01, eps: 1e-30 })],
    ["dadaptSgd", () => dadaptSgd({ estimLr0: 0.01 })],
    ["prodigy", () => prodigy({ estimLr0: 0.01, eps: 1e-30 })],
  ])("%s", (_, make) => {
    const plain = trajectory(make());
    expect(distance(trajectory(make(), scaled(1000)), plain)).toBeLessThan(1e-12);
  });
});

describe("special cases", () => {
  test("MoMo without averaging is Polyak's step with the rate as limit", () => {
    const polyak = told(3, polyakSgd({ maxLearningRate: 0.5, fMin: 0.25, variant: "sps+" }));
    const own = told(3, momo({ learningRate: 0.5, lowerBound: 0.25, beta: 0 }));
    expect(distance(trajectory(own), trajectory(polyak))).toBeLessThan(1e-12);
  });

  test("MoMo-Adam with a loss far above its bound is Adam", () => {
    const own = told(1e9, momoAdam({ learningRate: 0.1 }));
    expect(distance(trajectory(own), trajectory(adam({ learningRate: 0.1 })))).toBeLessThan(1e-12);
  });

  test("ALI-G without momentum is Polyak's step", () => {
    const polyak = told(1, polyakSgd({ maxLearningRate: 0.5, eps: 1e-5 }));
    const own = told(1, alig({ maxLearningRate: 0.5, momentum: 0 }));
    expect(distance(trajectory(own), trajectory(polyak))).toBeLessThan(1e-15);
  });

  test("below fMin Polyak's step goes uphill, and stays with sps+; scaling is outside", () => {
    const grads = tf.tensor1d([3, 4]);
    const step = (options: Parameters<typeof polyakSgd>[0]) => {
      const tx = polyakSgd(options);
      return [
        ...tx.update(grads, tx.init(grads), grads, { value: tf.scalar(5) }).updates.dataSync(),
      ];
    };
    expect(step({ fMin: 30 })).toEqual([3, 4]);
    expect(step({ fMin: 30, variant: "sps+" }).map(Math.abs)).toEqual([0, 0]);
    expect(step({ maxLearningRate: 0.125, scaling: 2 })).toEqual([-0.75, -1]);
  });
});

test.each([
  ["dadaptAdamW", (learningRate: number) => dadaptAdamW({ learningRate })],
  ["dadaptSgd", (learningRate: number) => dadaptSgd({ learningRate })],
  ["prodigy", (learningRate: number) => prodigy({ learningRate })],
  ["cocob", (learningRate: number) => cocob({ learningRate })],
  ["momo", (learningRate: number) => told(1, momo({ learningRate }))],
  ["momoAdam", (learningRate: number) => told(1, momoAdam({ learningRate }))],
] as const)("%s: a constant schedule is its number, and a tensor its value", (_, make) => {
  const plain = trajectory(make(0.25));
  const schedule = constantSchedule(0.25) as unknown as number;
  expect(distance(trajectory(make(schedule)), plain)).toBeLessThan(1e-15);
  const held = tf.scalar(0.25) as unknown as number;
  expect(distance(trajectory(make(held)), plain)).toBeLessThan(1e-15);
});

test("numbers in the first state may be tensors, which the state does not share", () => {
  const params = tf.tensor1d([1, 2]);
  const value = tf.scalar(0.25);
  for (const tx of [
    cocob({ eps: value }),
    dadaptAdamW({ estimLr0: value }),
    dadaptSgd({ estimLr0: value }),
    prodigy({ estimLr0: value }),
    dog({ initStep: { distance: value } }),
    dog({ initStep: { heuristic: value } }),
    dowg({ initSquaredDistance: value }),
    mechanize(sgd({ learningRate: 1 }), { sInit: value }),
    momo({ lowerBound: value }),
    momoAdam({ lowerBound: value }),
  ] as readonly AnyTransformation[]) {
    const leaves = treeLeaves<unknown, tf.Tensor>(tx.init(params));
    expect(leaves.includes(value) || leaves.includes(params)).toBe(false);
  }
});

test.each([
  ["cocob", cocob()],
  ["dadaptAdamW", dadaptAdamW({ estimLr0: 0.1 })],
  ["dadaptSgd", dadaptSgd({ estimLr0: 0.1 })],
  ["prodigy", prodigy({ estimLr0: 0.1 })],
  ["dog", dog({ initStep: { distance: 0.1 } })],
  ["dowg", dowg()],
  ["mechanize", mechanize(sgd({ learningRate: 1 }))],
  ["momo", told(1, momo())],
  ["momoAdam", told(1, momoAdam())],
  ["alig", told(1, alig({ maxLearningRate: 0.1 }))],
] as const)("%s starts after a zero gradient, where optax has a NaN or not", (_, optimizer) => {
  const tx = optimizer as unknown as GradientTransformation<unknown>;
  let params = tf.tensor1d([1, 2]);
  let state = tx.init(params);
  for (const grads of [tf.zeros([2]), tf.tensor1d([1, -1]), tf.tensor1d([2, -1])]) {
    const step = tx.update(grads as tf.Tensor1D, state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
  }
  const [x = Number.NaN, y = Number.NaN] = params.dataSync();
  expect(x).toBeLessThan(1);
  expect(y).toBeGreaterThan(2);
});

test("the estimates of D-Adaptation and Prodigy find the order of the distance", () => {
  // |x − 10| from 0, so that the distance is 10, from a first estimate of 1e-6.
  const estimate = (
    make: GradientTransformation<{ readonly estimLr: tf.Tensor }>,
    steps: number,
  ): number => {
    let x = tf.tensor1d([0]);
    let state = make.init(x);
    for (let i = 0; i < steps; i++) {
      const step = make.update(tf.sign(tf.sub(x, 10)), state, x);
      x = applyUpdates(x, step.updates as tf.Tensor1D);
      state = step.state;
    }
    return state.estimLr.dataSync()[0] ?? Number.NaN;
  };
  for (const tx of [dadaptSgd({ momentum: 0 }), prodigy({ b1: 0 })]) {
    const found = estimate(tx, 100);
    expect(found).toBeGreaterThan(2);
    expect(found).toBeLessThan(20);
  }
});

test("a loss that is missing does not compile, nor does a number", () => {
  const params = tf.tensor1d([1, 2]);
  const momentum = chain(scaleByPolyak(), sgd({ learningRate: 1 }));
  for (const tx of [polyakSgd(), momo(), momoAdam(), alig({ maxLearningRate: 1 }), momentum]) {
    // @ts-expect-error the extra argument `value` is missing
    expect(() => tx.update(params, tx.init(params), params)).toThrow();
  }
  const tx = polyakSgd();
  // @ts-expect-error a scalar tensor, not a number
  expect(() => tx.update(params, tx.init(params), params, { value: 1 })).toThrow(
    "scaleByPolyak: expected value, a scalar tensor, in update's fourth argument, got number",
  );
  const wrapped = mechanize(polyakSgd());
  // @ts-expect-error the inner optimizer's extra argument is that of the wrapper
  expect(() => wrapped.update(params, wrapped.init(params), params)).toThrow();
  wrapped.update(params, wrapped.init(params), params, { value: tf.scalar(1) });
});

test("errors name the option or what is missing", () => {
  const params = { w: tf.scalar(1) };
  const before = tf.memory().numTensors;
  for (const [name, tx] of Object.entries({
    scaleByCocob: cocob(),
    dadaptSgd: dadaptSgd(),
    dadaptAdamW: dadaptAdamW({ weightDecay: 0.1 }),
    prodigy: prodigy(),
    scaleByDog: dog(),
    scaleByDowg: dowg(),
    mechanize: mechanize(sgd({ learningRate: 1 })),
  })) {
    const any = tx as unknown as GradientTransformation<unknown>;
    const state = any.init(params);
    expect(() => any.update(params, state)).toThrow(
      `${name}: expected the parameters as update's third argument, got undefined`,
    );
    tf.dispose(state as tf.Tensor);
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(() => scaleByDog({ initStep: {} as never })).toThrow(
    "scaleByDog: initStep: expected one of distance, learningRate, heuristic, got {}",
  );
  expect(() => scaleByDog({ initStep: { distance: -1 } })).toThrow("scaleByDog: initStep.distance");
  expect(() => prodigy({ b3: 1 })).toThrow("prodigy: b3: expected a number in [0, 1), got 1");
  expect(() => dadaptAdamW({ estimLr0: 0 })).toThrow("dadaptAdamW: estimLr0");
  expect(() => mechanize(sgd({ learningRate: 1 }), { numBetas: 0 })).toThrow(
    "mechanize: numBetas: expected a positive whole number of steps, got 0",
  );
  expect(() => polyakSgd({ variant: "max" as never })).toThrow(
    'scaleByPolyak: variant: expected one of "sps", "sps+", got max',
  );
  expect(() => momo({ beta: 1 })).toThrow("momo: beta: expected a number in [0, 1), got 1");
  expect(() => momoAdam({ weightDecay: -1 })).toThrow("momoAdam: weightDecay");
  expect(() => momo({ lowerBound: Number.NaN })).toThrow(
    "momo: lowerBound: expected a finite number, got NaN",
  );
  expect(() => cocob({ learningRate: -1 })).toThrow("cocob: learningRate: expected");
});

test("Mechanic's first step is the inner update times the first factors' sum (by hand)", () => {
  // h = 0 at first: m = eps, v = 0, s = sInit / n · eps / eps for each of the n decays.
  const tx = mechanize(sgd({ learningRate: 1 }), { sInit: 0.25, weightDecay: 0 });
  const params = { x: tf.tensor1d([1, 2]) };
  const { updates } = tx.update({ x: tf.tensor1d([4, -8]) }, tx.init(params), params);
  expect(maxDifference(updates, { x: [-1, 2] })).toBeLessThan(1e-6);
});
