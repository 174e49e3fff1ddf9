import {
  compile,
  grad,
  random,
  type TensorTree,
  treeDispose,
  treeFlatten,
  treeLeaves,
  treeUnflatten,
} from "@layerwise/autodiff";
import { type Layer, LayerError, type Shape } from "@layerwise/layers";
import { float64, type HostTensor, hostLeaves, numbers, toHost } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { alive } from "../setup.ts";

/** A layer and what the contract needs to know of it. */
export interface LayerRow {
  readonly name: string;
  readonly make: () => Layer;
  /** Without the batch axis. */
  readonly inputShape: Shape;
  /** For layers of whole numbers: inputs are 0 … vocabulary − 1. */
  readonly vocabulary?: number;
  /** Shapes of batches that `apply` refuses. */
  readonly refuses: readonly Shape[];
  /** Shapes without batch axis that `init` and `outputShape` refuse. */
  readonly refusesShapes?: readonly Shape[];
  /** Whether training draws random numbers. */
  readonly needsKey?: boolean;
  /** Whether samples of a batch see each other. */
  readonly mixesBatch?: boolean;
}

const batch = 3;

/** What every layer must do. */
export function layerContract(row: LayerRow): void {
  const { name, make, inputShape, refuses, refusesShapes = [] } = row;
  const training = row.needsKey ? { key: random.key(5), training: true } : {};

  describe(name, () => {
    test("is a frozen value, and its shapes are those it promises", () => {
      const layer = make();
      expect(Object.isFrozen(layer)).toBe(true);
      const variables = layer.init(random.key(1), inputShape);
      for (const n of [1, batch]) {
        const { y, state } = layer.apply(variables, input(row, n), training);
        expect(y.shape).toEqual([n, ...layer.outputShape(inputShape)]);
        expect(signature(state)).toEqual(signature(variables.state));
      }
    });

    test("borrows its arguments and returns fresh tensors, nothing else", () => {
      const layer = make();
      const key = random.key(1);
      const x = input(row, batch);
      const start = alive();
      const variables = layer.init(key, inputShape);
      expect(alive()).toBe(start + treeLeaves(variables).length);
      const given = values([key, x, variables]);
      for (const options of [{}, training]) {
        const before = alive();
        const result = layer.apply(variables, x, options);
        const returned = leavesOf(result);
        expect(alive()).toBe(before + returned.length);
        const known = new Set(leavesOf([x, variables]));
        expect(returned.some((tensor) => known.has(tensor))).toBe(false);
        expect(new Set(returned).size).toBe(returned.length);
        treeDispose(result);
      }
      expect(values([key, x, variables])).toEqual(given);
    });

    test("gives the same for the same key, and other parameters for another", () => {
      const layer = make();
      const [a, b, other] = [1, 1, 2].map((seed) => layer.init(random.key(seed), inputShape));
      expect(values(b)).toEqual(values(a));
      const drawn = leavesOf(a?.params).some((t) => new Set(t.dataSync()).size > 1);
      if (drawn) expect(values(other)).not.toEqual(values(a));
      const x = input(row, batch);
      const run = () => layer.apply(a ?? fail(), x, training);
      expect(values(run())).toEqual(values(run()));
    });

    test("computes the same compiled, gradients included", () => {
      const layer = make();
      const variables = layer.init(random.key(1), inputShape);
      const x = input(row, batch);
      const forward = (params: TensorTree, v: tf.Tensor) =>
        layer.apply({ params, state: variables.state }, v, training);
      const backward = derivative(row, layer, variables.state, training);
      const cotangent = noise(7, [batch, ...layer.outputShape(inputShape)]);
      const [fastForward, fastBackward] = [compile(forward), compile(backward)];
      expect(distance(fastForward(variables.params, x), forward(variables.params, x))).toBeLessThan(
        1e-6,
      );
      expect(
        distance(
          fastBackward(variables.params, x, cotangent),
          backward(variables.params, x, cotangent),
        ),
      ).toBeLessThan(1e-6);
      fastForward.dispose();
      fastBackward.dispose();
    });

    test("has the gradients of its function (central differences in float64)", () => {
      const layer = make();
      const variables = layer.init(random.key(1), inputShape);
      // Away from zeros and ones that all parameters of a kind may share.
      const { leaves, treedef } = treeFlatten<TensorTree, tf.Tensor>(variables.params);
      const params = treeUnflatten(
        treedef,
        leaves.map((t, i) => tf.add(t, tf.mul(0.3, noise(20 + i, t.shape)))),
      ) as TensorTree;
      const x = input(row, batch);
      const cotangent = noise(7, [batch, ...layer.outputShape(inputShape)]);
      const args = [params, x, cotangent] as const;
      const terms = float64(
        (p: TensorTree, v: tf.Tensor, c: tf.Tensor) =>
          tf.mul(layer.apply({ params: p, state: variables.state }, v, training).y, c),
        ...args,
      );
      const gradient = float64(derivative(row, layer, variables.state, training), ...args);
      const inputs = hostLeaves(args);
      const moved = row.vocabulary === undefined ? [params, x] : [params];
      const count = leavesOf(moved).length;
      if (count === 0) return;
      for (const seed of [30, 31]) {
        const direction = leavesOf(moved).map((t, i) => toHost(noise(100 * seed + i, t.shape)));
        const at = (step: number): number[] =>
          numbers(terms(inputs.map((t, i) => shift(t, direction[i], step))));
        // Differences before sums, for the sake of digits.
        const slope = (h: number): number => {
          const low = at(-h);
          return at(h).reduce((sum, v, i) => sum + (v - (low[i] ?? Number.NaN)), 0) / (2 * h);
        };
        // Small, so that no maximum passes to another element on the way.
        const h = 1e-4;
        const want = (4 * slope(h / 2) - slope(h)) / 3;
        const got = inner(gradient(inputs), direction);
        expect(Math.abs(got - want) / Math.max(1, Math.abs(want))).toBeLessThan(1e-9);
      }
    });

    if (!row.mixesBatch)
      test("treats each sample of a batch by itself", () => {
        const layer = make();
        const variables = layer.init(random.key(1), inputShape);
        const x = input(row, batch);
        const whole = layer.apply(variables, x).y;
        const single = tf.split(x, batch).map((sample) => layer.apply(variables, sample).y);
        expect(distance(tf.concat(single), whole)).toBeLessThan(1e-6);
      });

    test("refuses what does not fit, by a LayerError that names it", () => {
      const layer = make();
      const variables = layer.init(random.key(1), inputShape);
      for (const shape of refuses) {
        const x =
          row.vocabulary === undefined ? tf.zeros([...shape]) : tf.zeros([...shape], "int32");
        expect(() => layer.apply(variables, x, training), `[${shape}]`).toThrow(LayerError);
        expect(() => layer.apply(variables, x, training)).toThrow(/expected .*, got /);
      }
      for (const shape of refusesShapes) {
        expect(() => layer.outputShape(shape), `[${shape}]`).toThrow(LayerError);
        expect(() => layer.outputShape(shape)).toThrow(/expected .*, got /);
      }
      if (row.needsKey) {
        const run = () => layer.apply(variables, input(row, batch), { training: true });
        expect(run).toThrow(LayerError);
        expect(run).toThrow("expected a random key");
      }
    });
  });
}

/** Derivatives of the sum of y · cotangent with respect to parameters and input. */
function derivative(
  row: LayerRow,
  layer: Layer,
  state: TensorTree,
  training: object,
): (params: TensorTree, x: tf.Tensor, cotangent: tf.Tensor) => unknown {
  return (params, x, cotangent) => {
    const loss = (point: { readonly params: TensorTree; readonly x: tf.Tensor | null }) => {
      const { y } = layer.apply({ params: point.params, state }, point.x ?? x, training);
      return tf.sum(tf.mul(y, cotangent));
    };
    // Whole numbers have no derivative.
    const point = { params, x: row.vocabulary === undefined ? x : null };
    const slopes = grad(loss)(point) as typeof point;
    return [slopes.params, slopes.x];
  };
}

/** A batch of inputs, the same each time. */
function input({ inputShape, vocabulary }: LayerRow, n: number): tf.Tensor {
  const shape = [n, ...inputShape];
  if (vocabulary === undefined) return noise(3, shape);
  return tf.tidy(() => tf.cast(tf.mul(random.uniform(random.key(3), shape), vocabulary), "int32"));
}

function noise(seed: number, shape: Shape): tf.Tensor {
  return random.normal(random.key(seed), shape);
}

function shift(t: HostTensor, direction: HostTensor | undefined, step: number): HostTensor {
  if (direction === undefined) return t;
  const data = Float64Array.from(
    numbers([t]),
    (v, i) => v + step * (Number(direction.data[i]) || 0),
  );
  return { ...t, data };
}

function inner(a: readonly HostTensor[], b: readonly HostTensor[]): number {
  const [x, y] = [numbers(a), numbers(b)];
  if (x.length !== y.length) throw new Error(`${x.length} derivatives of ${y.length} values`);
  return x.reduce((sum, v, i) => sum + v * (y[i] ?? Number.NaN), 0);
}

/** The largest difference, relative to the larger of 1 and the values. */
function distance(got: unknown, want: unknown): number {
  const [a, b] = [got, want].map((tree) => leavesOf(tree).flatMap((t) => [...t.dataSync()]));
  if (a === undefined || b === undefined || a.length !== b.length) return Number.NaN;
  const scale = Math.max(1, ...b.map(Math.abs));
  return Math.max(0, ...a.map((v, i) => Math.abs(v - (b[i] ?? Number.NaN)))) / scale;
}

function values(tree: unknown): unknown {
  return leavesOf(tree).map((t) => [...t.dataSync()]);
}

function leavesOf(tree: unknown): tf.Tensor[] {
  return treeLeaves<unknown, tf.Tensor>(tree);
}

function signature(tree: unknown): unknown {
  const { leaves, treedef } = treeFlatten<unknown, tf.Tensor>(tree);
  return [treedef.key, leaves.map(({ shape, dtype }) => `${dtype}[${shape}]`)];
}

function fail(): never {
  throw new Error("no variables");
}
