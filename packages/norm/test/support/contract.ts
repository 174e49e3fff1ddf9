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
import { LayerError } from "@layerwise/layers";
import { float64, type HostTensor, leafCount, numbers } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { alive } from "../setup.ts";
import { hostsOf } from "./evaluate.ts";
import type { Row } from "./rows.ts";

const batch = 4;
const key = random.key(3);
const modes = [{ training: false }, { training: true }] as const;

/** What every layer must do. */
export function layerContract(row: Row): void {
  const { name, layer, inputShape, wrong } = row;

  /** Variables away from their start, so that γ is not 1 and β not 0, and a batch. */
  const problem = () => {
    const { params, state } = layer.init(random.key(1), inputShape) as {
      params: TensorTree;
      state: TensorTree;
    };
    const leaves = treeLeaves<TensorTree, tf.Tensor>(params);
    const keys = random.split(random.key(2), leaves.length + 2);
    const moved = leaves.map((p, i) =>
      tf.add(p, tf.mul(random.normal(keys[i] as tf.Tensor, p.shape), 0.3)),
    );
    const x = random.normal(keys.at(-1) as tf.Tensor, [batch, ...inputShape]);
    const y = layer.apply({ params, state }, x, { training: true, key }).y;
    return {
      params: treeUnflatten(treeFlatten(params).treedef, moved) as unknown as TensorTree,
      state,
      x: tf.add(x, 0.5) as tf.Tensor,
      cot: random.normal(keys.at(-2) as tf.Tensor, y.shape),
    };
  };

  describe(name, () => {
    test("the output has the shape that outputShape says; the state keeps its structure", () => {
      const { params, state, x } = problem();
      for (const mode of modes) {
        const result = layer.apply({ params, state }, x, { ...mode, key });
        expect(result.y.shape).toEqual([batch, ...layer.outputShape(inputShape)]);
        expect(signature(result.state)).toEqual(signature(state));
      }
      expect(Object.isFrozen(layer)).toBe(true);
    });

    test("init follows its key; apply borrows, returns fresh tensors and leaves nothing", () => {
      const first = layer.init(random.key(1), inputShape);
      expect(values(layer.init(random.key(1), inputShape))).toEqual(values(first));
      const { params, state, x } = problem();
      const given = new Set(treeLeaves<unknown, tf.Tensor>([params, state, x]));
      const before = values([params, state, x]);
      const [start, made] = [alive(), layer.init(key, inputShape)];
      expect(alive()).toBe(start + leafCount(made));
      treeDispose(made);
      for (const mode of modes) {
        const count = alive();
        const result = layer.apply({ params, state }, x, { ...mode, key });
        expect(alive()).toBe(count + leafCount(result));
        const returned = treeLeaves<unknown, tf.Tensor>(result);
        expect(returned.some((tensor) => given.has(tensor))).toBe(false);
        expect(new Set(returned).size).toBe(returned.length);
        expect(values(layer.apply({ params, state }, x, { ...mode, key }))).toEqual(values(result));
      }
      expect(values([params, state, x])).toEqual(before);
    });

    test("evaluation leaves the state as it is, and without options it is evaluation", () => {
      const { params, state, x } = problem();
      const result = layer.apply({ params, state }, x);
      expect(values(result.state)).toEqual(values(state));
      expect(values(result.y)).toEqual(values(layer.apply({ params, state }, x, modes[0]).y));
      const trained = layer.apply({ params, state }, x, { training: true, key }).y;
      const same = JSON.stringify(values(trained)) === JSON.stringify(values(result.y));
      expect(same).toBe(row.sameInTraining ?? true);
    });

    test("compiled and eager agree", () => {
      const { params, state, x } = problem();
      for (const mode of modes) {
        const run = (p: TensorTree, s: TensorTree, v: tf.Tensor) =>
          layer.apply({ params: p, state: s }, v, { ...mode, key });
        const compiled = compile(run);
        const [got, want] = [compiled(params, state, x), run(params, state, x)];
        expect(relativeDistance(got, want)).toBeLessThan(1e-6);
        compiled.dispose();
      }
    });

    test("gradients by parameters and input are those of central differences in float64", () => {
      const { params, state, x, cot } = problem();
      const checked = row.stopsGradient ? modes.slice(0, 1) : modes;
      for (const mode of checked) {
        const loss = (p: TensorTree, v: tf.Tensor): tf.Tensor =>
          tf.sum(tf.mul(layer.apply({ params: p, state }, v, { ...mode, key }).y, cot));
        const value = float64(loss, params, x);
        const point = hostsOf([params, x]);
        const gradient = float64(grad(loss, { argnums: [0, 1] }), params, x)(point);
        const directions = hostsOf(
          treeLeaves<unknown, tf.Tensor>([params, x]).map((t) =>
            random.normal(random.key(5), t.shape),
          ),
        );
        const slope = innerProduct(gradient, directions);
        expect(Math.abs(slope - derivative(value, point, directions))).toBeLessThan(
          1e-9 * Math.max(1, Math.abs(slope)),
        );
      }
    });

    test("values and gradients are finite where the input is 0, ±50 and ±1000", () => {
      const { params, state, x } = problem();
      const extreme = [0, 50, -50, 1000, -1000, 0, 0];
      const values = Array.from({ length: x.size }, (_, i) => extreme[i % extreme.length] ?? 0);
      for (const input of [tf.tensor(values, x.shape), tf.zerosLike(x), tf.fill(x.shape, -1000)]) {
        for (const mode of modes) {
          const run = (p: TensorTree, v: tf.Tensor): tf.Tensor =>
            layer.apply({ params: p, state }, v, { ...mode, key }).y;
          const gradients = grad((p: TensorTree, v: tf.Tensor) => tf.sum(tf.square(run(p, v))), {
            argnums: [0, 1],
          })(params, input);
          const all = numbers(hostsOf([run(params, input), gradients]));
          expect(all.every(Number.isFinite)).toBe(true);
        }
      }
    });

    test("a batch that does not fit is a LayerError that names both", () => {
      const variables = layer.init(key, inputShape);
      const [shape, message] = wrong;
      const apply = () => layer.apply(variables, tf.ones([...shape]), { training: true, key });
      expect(apply).toThrow(LayerError);
      expect(apply).toThrow(message);
      expect(() => layer.init(key, [])).toThrow(LayerError);
      expect(() => layer.outputShape([])).toThrow(LayerError);
    });
  });
}

/** D(h) = (f(x + hv) − f(x − hv)) / 2h, extrapolated: (4 D(h/2) − D(h)) / 3. */
function derivative(
  value: (point: readonly HostTensor[]) => HostTensor[],
  point: readonly HostTensor[],
  directions: readonly HostTensor[],
): number {
  const at = (step: number): number => {
    const moved = point.map(({ type, data }, n) => ({
      type,
      data: Float64Array.from(data as ArrayLike<number>, (v, i) => {
        return v + step * Number(directions[n]?.data[i]);
      }),
    }));
    return numbers(value(moved))[0] ?? Number.NaN;
  };
  const difference = (h: number): number => (at(h) - at(-h)) / (2 * h);
  return (4 * difference(5e-4) - difference(1e-3)) / 3;
}

function innerProduct(xs: readonly HostTensor[], ys: readonly HostTensor[]): number {
  const [a, b] = [numbers(xs), numbers(ys)];
  return a.reduce((total, v, i) => total + v * (b[i] ?? Number.NaN), 0);
}

function relativeDistance(got: unknown, want: unknown): number {
  const [a, b] = [got, want].map((tree) => numbers(hostsOf(tree)));
  const distances = (a ?? []).map((v, i) => {
    const wanted = b?.[i] ?? Number.NaN;
    return Math.abs(v - wanted) / Math.max(1, Math.abs(wanted));
  });
  return distances.some(Number.isNaN) ? Infinity : Math.max(0, ...distances);
}

function values(tree: unknown): unknown {
  return treeLeaves<unknown, tf.Tensor>(tree).map((leaf) => [leaf.shape, [...leaf.dataSync()]]);
}

function signature(tree: unknown): unknown {
  const { leaves, treedef } = treeFlatten<unknown, tf.Tensor>(tree);
  return [treedef.key, leaves.map(({ shape, dtype }) => `${dtype}[${shape}]`)];
}
