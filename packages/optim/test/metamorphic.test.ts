import { grad, hvp, type TensorTree, treeLeaves } from "@layerwise/autodiff";
import {
  adaHessian,
  adam,
  applyUpdates,
  injectHyperparams,
  lbfgs,
  nesterovMomentum,
  nesterovRmsProp,
  sam,
  sgd,
  sophia,
} from "@layerwise/optim";
import { float64, hostLeaves, leafCount, numbers } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { rows } from "./rows/index.ts";
import "./setup.ts";
import type { AllExtras, AnyOptimizer } from "./support/row.ts";

type Loss<P> = (params: P) => tf.Tensor;

/** The parameters after some steps, in float64, with all extras there are. */
function train<P extends TensorTree>(
  optimizer: AnyOptimizer,
  loss: Loss<P>,
  start: P,
  steps = 6,
): number[] {
  const first = [start, optimizer.init(start)] as const;
  const step = float64(([params, state]: readonly [P, unknown]) => {
    const extra = {
      value: loss(params),
      valueFn: loss,
      gradFn: grad(loss),
      hvp: (vector: P) => hvp(loss, [params] as const, [vector] as const)[0],
    } as unknown as AllExtras;
    const { updates, state: next } = optimizer.update(grad(loss)(params), state, params, extra);
    return [applyUpdates(params, updates), next];
  }, first);
  let carry = hostLeaves(first);
  for (let i = 0; i < steps; i++) carry = step(carry);
  return numbers(carry.slice(0, leafCount(start)));
}

const farthest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));

describe("splitting a matrix into its rows", () => {
  const values = [0.3, -0.2, 0.8, 0.1, -0.6, 0.4, 1.2, -0.9];
  // Σ x⁴/4 + x over all elements: the same function of the numbers, however they lie.
  const loss: Loss<Readonly<Record<string, tf.Tensor>>> = (params) =>
    treeLeaves<TensorTree, tf.Tensor>(params)
      .map((x) => tf.sum(tf.add(tf.mul(0.25, tf.square(tf.square(x))), x)))
      .reduce((sum, x) => tf.add(sum, x));
  // Rules for vectors want one.
  const z = tf.tensor1d([0.5, -0.7]);
  const whole = { a: tf.tensor2d(values, [2, 4]), z };
  const parts = { a: tf.tensor1d(values.slice(0, 4)), b: tf.tensor1d(values.slice(4)), z };

  test.each(rows)("$name feels it only if it looks at tensors", ({ make, seesTensors = false }) => {
    const difference = farthest(train(make(0.01), loss, whole), train(make(0.01), loss, parts));
    if (seesTensors) expect(difference).toBeGreaterThan(1e-6);
    else expect(difference).toBeLessThan(1e-12);
  });
});

describe("turning the plane by 30°", () => {
  const [c, s] = [Math.sqrt(3) / 2, 0.5];
  const turn = ([x = 0, y = 0]: readonly number[]): number[] => [c * x - s * y, s * x + c * y];
  // Float32 holds the turned start and matrix to 6e-8 only.
  const matrix = (angle: readonly number[]): tf.Tensor => tf.tensor2d([...angle], [2, 2]);
  const lossOf =
    (back: tf.Tensor): Loss<{ readonly x: tf.Tensor }> =>
    ({ x }) =>
      tf.sum(tf.mul([0.5, 5], tf.square(tf.matMul(tf.reshape(x, [1, 2]), back))));
  const straight = lossOf(matrix([1, 0, 0, 1]));
  const turned = lossOf(matrix([c, -s, s, c]));

  test.each([
    ["sgd", true, () => sgd({ learningRate: 0.05 })],
    ["momentum", true, () => sgd({ learningRate: 0.05, momentum: 0.9 })],
    ["lbfgs", true, () => lbfgs()],
    ["adam", false, () => adam({ learningRate: 0.05 })],
  ] as const)("%s turns with it: %s", (_, turns, make) => {
    const start = [1, -0.5];
    const run = (loss: typeof straight, at: number[]) =>
      train(make() as unknown as AnyOptimizer, loss, { x: tf.tensor1d(at) }, 4);
    const difference = farthest(turn(run(straight, start)), run(turned, turn(start)));
    if (turns) expect(difference).toBeLessThan(1e-5);
    else expect(difference).toBeGreaterThan(1e-2);
  });
});

describe("injected hyperparameters of rules that ask for functions change nothing", () => {
  const loss: Loss<{ readonly x: tf.Tensor }> = ({ x }) =>
    tf.sum(tf.mul([0.5, 5], tf.square(tf.square(x))));
  const start = { x: tf.tensor1d([1, -0.5]) };
  const cases: Readonly<Record<string, readonly [plain: unknown, injected: unknown]>> = {
    nesterovMomentum: [
      nesterovMomentum({ learningRate: 0.25, momentum: 0.5 }),
      injectHyperparams(nesterovMomentum, { learningRate: 0.25, momentum: 0.5 }),
    ],
    nesterovRmsProp: [
      nesterovRmsProp({ learningRate: 0.125, momentum: 0.5 }),
      injectHyperparams(nesterovRmsProp, { learningRate: 0.125, momentum: 0.5 }),
    ],
    sophia: [
      sophia({ learningRate: 0.125, gamma: 0.5 }),
      injectHyperparams(sophia, { learningRate: 0.125, gamma: 0.5 }),
    ],
    adaHessian: [
      adaHessian({ learningRate: 0.125, b1: 0.5 }),
      injectHyperparams(adaHessian, { learningRate: 0.125, b1: 0.5 }),
    ],
    sam: [
      sam(sgd({ learningRate: 0.125 }), { rho: 0.25 }),
      injectHyperparams(
        ({ learningRate }: { learningRate: number | tf.Tensor }) =>
          sam(sgd({ learningRate }), { rho: 0.25 }),
        { learningRate: 0.125 },
      ),
    ],
    lbfgs: [
      lbfgs({ learningRate: 0.125, linesearch: null }),
      injectHyperparams(
        ({ learningRate }: { learningRate: number | tf.Tensor }) =>
          lbfgs({ learningRate, linesearch: null }),
        { learningRate: 0.125 },
      ),
    ],
  };
  // Values that float32 holds exactly.
  test.each(Object.entries(cases))("%s", (_, [plain, injected]) => {
    const [want, got] = [plain, injected].map((tx) => train(tx as AnyOptimizer, loss, start));
    expect(want).not.toEqual(numbers(hostLeaves(start)));
    expect(farthest(got ?? [], want ?? [])).toBeLessThan(1e-12);
  });
});
