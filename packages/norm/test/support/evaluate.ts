import "../setup.ts";
import {
  grad,
  random,
  type TensorTree,
  treeFlatten,
  treeLeaves,
  treeUnflatten,
} from "@layerwise/autodiff";
import type { ApplyOptions, Layer, Variables } from "@layerwise/layers";
import { float64, float64Tensor, type HostTensor, toHost } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";

/** Numbers nested in arrays, as JSON has them. */
export type Nested = number | readonly Nested[];

/** A layer of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: a table of layers with all sorts of variables
export type AnyLayer = Layer<any, any>;

/** The numbers of nested arrays in order. */
export function flat(values: Nested): number[] {
  return [values as unknown].flat(Infinity) as number[];
}

const doubles = new WeakMap<tf.Tensor, readonly number[]>();

/** A float32 tensor that remembers the doubles it was made of, for {@link hostsOf}. */
export function exactTensor(values: Nested): tf.Tensor {
  const tensor = tf.tensor(values as number[]);
  doubles.set(tensor, flat(values));
  return tensor;
}

/** The same for each member of an object. */
export function exactTensors<Name extends string>(
  values: Readonly<Record<Name, unknown>>,
): Readonly<Record<Name, tf.Tensor>> {
  const entries = Object.entries(values).map(([name, v]) => [name, exactTensor(v as Nested)]);
  return Object.fromEntries(entries) as Readonly<Record<Name, tf.Tensor>>;
}

/** The leaves of a tree in double precision. */
export function hostsOf(tree: unknown): HostTensor[] {
  return treeLeaves<unknown, tf.Tensor>(tree).map((leaf) => {
    const exact = doubles.get(leaf);
    return exact === undefined ? toHost(leaf) : float64Tensor(leaf.shape, exact);
  });
}

/** Where a layer is evaluated: variables, input and the cotangent of the output. */
export interface Point {
  readonly layer: AnyLayer;
  readonly params: TensorTree;
  readonly state?: TensorTree;
  readonly x: tf.Tensor;
  readonly cot: tf.Tensor;
  readonly training?: boolean;
}

/** The values of a tensor, as a leaf of a tree. */
export type Values = ArrayLike<number>;

/** Output, next state, and gradients of Σ y · cot. */
export interface Evaluation {
  readonly y: Values;
  readonly dx: Values;
  readonly dparams: unknown;
  readonly next: unknown;
}

/** Evaluates in float64 on the reference and in float32 on the active backend. */
export function evaluate({ layer, params, state = null, x, cot, training = true }: Point): {
  readonly float64: Evaluation;
  readonly float32: Evaluation;
} {
  const key = random.key(17);
  const step = (p: TensorTree, s: TensorTree, v: tf.Tensor, c: tf.Tensor): unknown => {
    const { y, state: next } = layer.apply({ params: p, state: s }, v, { training, key });
    const [dparams, dx] = grad(
      (p2: TensorTree, v2: tf.Tensor) =>
        tf.sum(tf.mul(layer.apply({ params: p2, state: s }, v2, { training, key }).y, c)),
      { argnums: [0, 1] },
    )(p, v);
    return { y, next, dparams, dx };
  };
  const eager = treeFlatten<unknown, tf.Tensor>(step(params, state, x, cot));
  const exact = float64(step, params, state, x, cot)(hostsOf([params, state, x, cot]));
  const evaluation = (leaves: readonly HostTensor[]): Evaluation =>
    treeUnflatten(
      eager.treedef,
      leaves.map(({ data }) => data),
    ) as unknown as Evaluation;
  return { float64: evaluation(exact), float32: evaluation(eager.leaves.map(toHost)) };
}

/** The largest difference of values in a tree from wanted numbers, relative to those above 1. */
export function distance(got: unknown, want: Nested): number {
  const values = treeLeaves<unknown, Values>(got).flatMap((leaf) => Array.from(leaf));
  const expected = flat(want);
  if (values.length !== expected.length) return Infinity;
  const distances = values.map((value, i) => {
    const wanted = expected[i] ?? NaN;
    return Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
  });
  return distances.some(Number.isNaN) ? Infinity : Math.max(0, ...distances);
}

/** The output of one application. */
export function outputOf(
  layer: AnyLayer,
  variables: Variables,
  x: tf.Tensor,
  options?: ApplyOptions,
): tf.Tensor {
  return layer.apply(variables, x, options).y;
}
