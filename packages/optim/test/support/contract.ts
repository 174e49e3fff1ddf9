import {
  compile,
  grad,
  hvp,
  type TensorTree,
  treeDispose,
  treeFlatten,
  treeLeaves,
  treeMap,
  valueAndGrad,
  vmap,
} from "@layerwise/autodiff";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { float64, type HostTensor, hostLeaves, leafCount, numbers } from "./float64.ts";
import type { AllExtras, AnyOptimizer, Row } from "./row.ts";

/** A function of one vector x. */
type Loss = (params: { readonly x: tf.Tensor }) => tf.Tensor;

const at = (x: tf.Tensor, i: number): tf.Tensor => tf.slice(x, [i], [1]);

// optax's own convergence test: (−1, 10, 1) → (1, −1, 1).
const sphere: Loss = ({ x }) => tf.sum(tf.square(tf.sub(x, [1, -1, 1])));
/** Condition number 1000. */
const ravine: Loss = ({ x }) => tf.sum(tf.mul([0.5, 500], tf.square(x)));
const rosenbrock: Loss = ({ x }) =>
  tf.sum(
    tf.add(
      tf.square(tf.sub(1, at(x, 0))),
      tf.mul(100, tf.square(tf.sub(at(x, 1), tf.square(at(x, 0))))),
    ),
  );

const extrasOf = <P extends TensorTree>(loss: (p: P) => tf.Tensor, params: P): AllExtras =>
  ({
    value: loss(params),
    valueFn: loss,
    gradFn: grad(loss),
    hvp: (vector: P) => hvp(loss, [params] as const, [vector] as const)[0],
  }) as unknown as AllExtras;

/** A step of minimization. */
const stepOf =
  <P extends TensorTree>(optimizer: AnyOptimizer, loss: (p: P) => tf.Tensor) =>
  ([params, state]: readonly [P, unknown]): readonly [P, unknown] => {
    const { grad: grads } = valueAndGrad(loss)(params);
    const next = optimizer.update(grads, state, params, extrasOf(loss, params));
    return [applyUpdates(params, next.updates), next.state];
  };

/** The parameters after some steps, in float64. */
function minimize<P extends TensorTree>(
  optimizer: AnyOptimizer,
  loss: (p: P) => tf.Tensor,
  start: P,
  steps: number,
): HostTensor[] {
  const first = [start, optimizer.init(start)] as const;
  const step = float64(stepOf(optimizer, loss), first);
  let carry = hostLeaves(first);
  for (let i = 0; i < steps; i++) carry = step(carry);
  return carry.slice(0, leafCount(start));
}

const valueAt = (loss: Loss, x: readonly HostTensor[]): number =>
  numbers(float64(loss, { x: tf.zeros(x[0]?.type.shape as number[]) })(x))[0] ?? Number.NaN;

/** What every optimizer must do. */
export function optimizerContract({ name, make, contract = {} }: Row): void {
  const {
    sphereRate = 0.1,
    sphereSteps = 1000,
    valleyRate = 1e-3,
    zeroGradientIsNoOp = true,
    couplesLeaves = false,
    namesSeedDraws = false,
    compiledTolerance = 1e-5,
  } = contract;

  describe(name, () => {
    test("finds the minimum of the sphere", () => {
      const start = { x: tf.tensor1d([-1, 10, 1]) };
      const end = numbers(minimize(make(sphereRate), sphere, start, sphereSteps));
      const distances = end.map((x, i) => Math.abs(x - ([1, -1, 1][i] ?? Number.NaN)));
      expect(Math.max(...distances)).toBeLessThan(3e-2);
    });

    test.each([
      ["an ill-conditioned ravine", ravine, [1, 1]],
      ["the Rosenbrock function", rosenbrock, [-1, 1.5]],
    ] as const)("goes down %s", (_, loss, start) => {
      const x = tf.tensor1d([...start]);
      const end = minimize(make(valleyRate), loss, { x }, 500);
      expect(valueAt(loss, end)).toBeLessThan(0.75 * valueAt(loss, hostLeaves(x)));
    });

    test("borrows its arguments, keeps nothing, returns fresh tensors", () => {
      const { params, grads, extra } = problem();
      const optimizer = make(0.1);
      const state = optimizer.init(params);
      const inputs = [params, grads, state].map((tree) => values(tree));
      const result = optimizer.update(grads, state, params, extra);
      expect([params, grads, state].map((tree) => values(tree))).toEqual(inputs);
      const given = new Set(treeLeaves<unknown, tf.Tensor>([params, grads, state]));
      const returned = treeLeaves<unknown, tf.Tensor>([result.updates, result.state]);
      expect(returned.some((tensor) => given.has(tensor))).toBe(false);
      expect(new Set(returned).size).toBe(returned.length);
      expect(values(optimizer.update(grads, state, params, extra))).toEqual(values(result));
    });

    test("takes tensors of rank 0 to 5 and empty places, and leaves nothing behind", () => {
      const params = anyRanks();
      const loss = (p: TensorTree) =>
        tf.addN(
          treeLeaves<TensorTree, tf.Tensor>(p).map((x) => tf.sum(tf.square(tf.sub(x, 0.25)))),
        );
      const optimizer = make(0.01);
      const state = optimizer.init(params);
      const grads = grad(loss)(params) as TensorTree;
      const extra = extrasOf(loss, params);
      const before = tf.memory().numTensors;
      const result = optimizer.update(grads, state, params, extra);
      const returned = treeLeaves<unknown, tf.Tensor>([result.updates, result.state]);
      expect(tf.memory().numTensors - before).toBe(returned.length);
      expect(signature(result.updates)).toEqual(signature(params));
      expect(returned.every((x) => [...x.dataSync()].every(Number.isFinite))).toBe(true);
    });

    test("trains an ensemble under vmap as each of its members alone", () => {
      const { params, loss } = problem();
      const optimizer = make(0.05);
      const members = [1, -0.5].map((by) => treeMap((x: tf.Tensor) => tf.mul(x, by), params));
      const step = stepOf(optimizer, loss);
      const run = (p: typeof params) => step(step([p, optimizer.init(p)]))[0];
      const stacked = (trees: readonly (typeof params)[]) =>
        treeMap((...xs: tf.Tensor[]) => tf.stack(xs), trees[0], ...trees.slice(1));
      const together = vmap(run as never)(stacked(members as never) as never);
      const alone = stacked((members as never[]).map(run));
      const [got, want] = [together, alone].map((tree) => treeLeaves<unknown, tf.Tensor>(tree));
      got?.forEach((x, i) => {
        const distance = tf.max(tf.abs(tf.sub(x, want?.[i] as tf.Tensor))).dataSync()[0];
        expect(distance).toBeLessThan(compiledTolerance);
      });
    });

    test("keeps structure, shapes and dtypes of state and updates", () => {
      const { params, grads, extra } = problem();
      const optimizer = make(0.1);
      const state = optimizer.init(params);
      const result = optimizer.update(grads, state, params, extra);
      expect(signature(result.state)).toEqual(signature(state));
      expect(signature(result.updates)).toEqual(signature(grads));
    });

    test("makes only the tensors it returns", () => {
      const { params, grads, extra } = problem();
      const optimizer = make(0.1);
      const before = tf.memory().numTensors;
      let state = optimizer.init(params);
      expect(tf.memory().numTensors).toBe(before + leafCount(state));
      for (let i = 0; i < 3; i++) {
        const result = optimizer.update(grads, state, params, extra);
        treeDispose([state, result.updates]);
        state = result.state;
      }
      treeDispose(state);
      expect(tf.memory().numTensors).toBe(before);
    });

    if (!namesSeedDraws)
      test("knows parameters by their names, not by their places", () => {
        const { params, grads, extra, loss } = problem();
        const optimizer = make(0.1);
        // Sorted by name, "w" comes after "b" and "aw" before.
        const renamed = { aw: params.w, b: params.b };
        const renamedExtra = extrasOf(({ aw, b }: typeof renamed) => loss({ w: aw, b }), renamed);
        const run = (p: TensorTree, g: TensorTree, extra: AllExtras): tf.Tensor[] => {
          let state = optimizer.init(p);
          let updates: TensorTree = {};
          for (let i = 0; i < 3; i++) ({ updates, state } = optimizer.update(g, state, p, extra));
          return treeLeaves<TensorTree, tf.Tensor>(updates);
        };
        const [b, w] = run(params, grads, extra);
        const [aw, b2] = run(renamed, { aw: grads.w, b: grads.b }, renamedExtra);
        // Sums over all leaves may change their order: a few f32 roundings.
        for (const [x, y] of [[w, aw] as const, [b, b2] as const]) {
          expect(tf.max(tf.abs(tf.sub(x as tf.Tensor, y as tf.Tensor))).dataSync()[0]).toBeLessThan(
            1e-6,
          );
        }
      });

    if (zeroGradientIsNoOp)
      test("leaves parameters alone when gradients are zero", () => {
        const { params, extra } = problem();
        const grads = treeMap((p: tf.Tensor) => tf.zerosLike(p), params);
        const optimizer = make(0.1);
        const { updates } = optimizer.update(grads, optimizer.init(params), params, extra);
        expect(values(applyUpdates(params, updates))).toEqual(values(params));
      });

    if (!couplesLeaves)
      test("keeps a NaN in the tensor where it is", () => {
        const { params, grads, extra } = problem();
        const optimizer = make(0.1);
        const spoiled = { ...grads, b: tf.fill(grads.b.shape, Number.NaN) };
        const { updates } = optimizer.update(spoiled, optimizer.init(params), params, extra);
        const { w } = updates as typeof params;
        expect([...w.dataSync()].every(Number.isFinite)).toBe(true);
      });

    test("compiled steps agree with eager steps and are traced once", () => {
      const { params, loss } = problem();
      const optimizer = make(0.01);
      const step = stepOf(optimizer, loss);
      const compiled = compile(step);
      let [fast, slow] = [
        [params, optimizer.init(params)] as const,
        [params, optimizer.init(params)] as const,
      ] as [readonly [typeof params, unknown], readonly [typeof params, unknown]];
      for (let i = 0; i < 20; i++) [fast, slow] = [compiled(fast), step(slow)];
      expect(compiled.traces).toBe(1);
      compiled.dispose();
      const [got, want] = [fast, slow].map(([p]) => treeLeaves<TensorTree, tf.Tensor>(p));
      got?.forEach((x, i) => {
        const distance = tf.max(tf.abs(tf.sub(x, want?.[i] as tf.Tensor))).dataSync()[0];
        expect(distance).toBeLessThan(compiledTolerance);
      });
    });
  });
}

/** A regression on a matrix and a vector of parameters, away from its minimum. */
function problem() {
  const x = tf.tensor2d([0.5, -1, 2, 1, 0.25, -0.75, 1.5, -2, 0, 1, 1, -0.5], [4, 3]);
  const params = {
    w: tf.tensor2d([0.3, -0.2, 0.8, 0.1, -0.6, 0.4], [3, 2]),
    b: tf.tensor1d([0.25, -0.5]),
  };
  const loss = ({ w, b }: { readonly w: tf.Tensor; readonly b: tf.Tensor }): tf.Tensor =>
    tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, w), b), 1)));
  const grads = grad(loss)(params) as typeof params;
  return {
    params,
    grads,
    loss: loss as (p: typeof params) => tf.Tensor,
    extra: extrasOf(loss, params),
  };
}

function anyRanks(): TensorTree {
  const shapes = [[], [3], [2, 3], [2, 3, 2], [2, 1, 3, 2], [1, 2, 2, 1, 2]];
  const tensors = shapes.map((shape, i) => tf.randomNormal(shape, 0.25, 1, "float32", i + 1));
  return { ranks: tensors, "a.b": { "": tf.tensor1d([1, 2]), none: null }, none: [null] };
}

function values(tree: unknown): unknown {
  return treeMap((x: tf.Tensor) => x.arraySync(), tree as tf.Tensor);
}

function signature(tree: unknown): unknown {
  const { leaves, treedef } = treeFlatten<unknown, tf.Tensor>(tree);
  return [treedef.key, leaves.map(({ shape, dtype }) => `${dtype}[${shape}]`)];
}
