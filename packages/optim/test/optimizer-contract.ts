import { treeDispose, treeFlatten, treeLeaves, treeMap } from "@layerwise/autodiff";
import type { GradientTransformation } from "@layerwise/optim";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";

/** What an optimizer may be excused from, with the reason beside the table row. */
export interface ContractOptions {
  /** Steps to reach the parabola's minimum within 3e-2. */
  readonly steps?: number;
  /** Whether a zero gradient leaves the parameters as they are; false with weight decay. */
  readonly zeroGradientIsNoOp?: boolean;
}

/**
 * What every optimizer must do.
 *
 * `make` takes a learning rate, so that each test can use one that suits its function.
 */
export function optimizerContract(
  name: string,
  make: (learningRate: number) => GradientTransformation,
  { steps = 1000, zeroGradientIsNoOp = true }: ContractOptions = {},
): void {
  describe(name, () => {
    // optax's own convergence test: (−1, 10, 1) → (1, −1, 1) within 3e-2.
    test("finds the minimum of a parabola", () => {
      const target = tf.tensor1d([1, -1, 1]);
      const gradient = (x: tf.Tensor1D): tf.Tensor1D => tf.mul(2, tf.sub(x, target));
      const x = minimize(make(0.1), gradient, tf.tensor1d([-1, 10, 1]), steps);
      expect(Math.max(...tf.abs(tf.sub(x, target)).dataSync())).toBeLessThan(3e-2);
    });

    test("goes down the Rosenbrock function", () => {
      const gradient = (point: tf.Tensor1D): tf.Tensor1D => {
        const [x = 0, y = 0] = point.dataSync();
        return tf.tensor1d([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]);
      };
      const start = tf.tensor1d([-1, 1.5]);
      const end = minimize(make(1e-4), gradient, start, 200);
      expect(rosenbrock(end)).toBeLessThan(rosenbrock(start));
    });

    test("borrows its arguments and returns fresh tensors", () => {
      const { params, grads } = problem();
      const optimizer = make(0.1);
      const state = optimizer.init(params);
      const inputs = [params, grads, state].map((tree) => values(tree));
      const result = optimizer.update(grads, state, params);
      expect([params, grads, state].map((tree) => values(tree))).toEqual(inputs);
      const given = new Set(treeLeaves<unknown, tf.Tensor>([params, grads, state]));
      const returned = treeLeaves<unknown, tf.Tensor>([result.updates, result.state]);
      expect(returned.some((tensor) => given.has(tensor))).toBe(false);
      expect(new Set(returned).size).toBe(returned.length);
      expect(values(optimizer.update(grads, state, params))).toEqual(values(result));
    });

    test("keeps structure, shapes and dtypes of state and updates", () => {
      const { params, grads } = problem();
      const optimizer = make(0.1);
      const state = optimizer.init(params);
      const result = optimizer.update(grads, state, params);
      expect(signature(result.state)).toEqual(signature(state));
      expect(signature(result.updates)).toEqual(signature(grads));
    });

    test("makes only the tensors it returns", () => {
      const { params, grads } = problem();
      const optimizer = make(0.1);
      const before = tf.memory().numTensors;
      let state = optimizer.init(params);
      expect(tf.memory().numTensors).toBe(before + treeLeaves(state).length);
      for (let i = 0; i < 3; i++) {
        const result = optimizer.update(grads, state, params);
        treeDispose([state, result.updates]);
        state = result.state;
      }
      treeDispose(state);
      expect(tf.memory().numTensors).toBe(before);
    });

    if (zeroGradientIsNoOp)
      test("leaves parameters alone when gradients are zero", () => {
        const { params } = problem();
        const grads = treeMap((p: tf.Tensor) => tf.zerosLike(p), params);
        const optimizer = make(0.1);
        const { updates } = optimizer.update(grads, optimizer.init(params), params);
        expect(values(applyUpdates(params, updates))).toEqual(values(params));
      });

    test("treats leaves by name: renaming and reordering them changes nothing", () => {
      const { params, grads } = problem();
      const swap = ({ a, b }: typeof params) => ({ c: b, d: a });
      const optimizer = make(0.1);
      const straight = run(optimizer, params, grads);
      const swapped = run(optimizer, swap(params), swap(grads));
      expect(values(swapped)).toEqual(values({ c: straight.b, d: straight.a }));
    });

    test("starts from a tree without parameters", () => {
      const optimizer = make(0.1);
      const { updates } = optimizer.update({}, optimizer.init({}), {});
      expect(updates).toEqual({});
    });
  });
}

function problem() {
  const params = { b: tf.tensor1d([0.5, -2]), a: { kernel: tf.tensor2d([[1, -1, 3]]) } };
  const grads = { b: tf.tensor1d([3, 0]), a: { kernel: tf.tensor2d([[-1, 1e-3, 20]]) } };
  return { params, grads };
}

function run<P extends { readonly [key: string]: tf.Tensor | { readonly kernel: tf.Tensor } }>(
  optimizer: GradientTransformation,
  params: P,
  grads: P,
): P {
  let state = optimizer.init(params);
  for (let i = 0; i < 3; i++) {
    const result = optimizer.update(grads, state, params);
    params = applyUpdates(params, result.updates);
    state = result.state;
  }
  return params;
}

function minimize(
  optimizer: GradientTransformation,
  gradient: (x: tf.Tensor1D) => tf.Tensor1D,
  x: tf.Tensor1D,
  steps: number,
): tf.Tensor1D {
  let state = optimizer.init(x);
  for (let i = 0; i < steps; i++) {
    const result = optimizer.update(gradient(x), state, x);
    x = applyUpdates(x, result.updates);
    state = result.state;
  }
  return x;
}

function rosenbrock(point: tf.Tensor1D): number {
  const [x = 0, y = 0] = point.dataSync();
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
}

function values(tree: unknown): unknown {
  return treeMap((tensor: tf.Tensor) => [...tensor.dataSync()], tree);
}

function signature(tree: unknown): unknown {
  const { leaves, treedef } = treeFlatten<unknown, tf.Tensor>(tree);
  return [treedef.key, leaves.map(({ shape, dtype }) => `${dtype}[${shape}]`)];
}
