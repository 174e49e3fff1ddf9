import { grad, random, type TensorTree, treeLeaves, treeSet } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { float64, float64Tensor, numbers } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

/** A tensor of a fixture. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A layer's output and derivatives, by PyTorch in float64; see torch_golden.py. */
export interface GoldenCase {
  readonly layer: string;
  readonly options: object;
  readonly x: GoldenTensor;
  readonly params: { readonly [path: string]: GoldenTensor | undefined };
  readonly y: GoldenTensor;
  readonly cotangent: GoldenTensor;
  readonly dx: GoldenTensor;
  readonly dparams: { readonly [path: string]: GoldenTensor | undefined };
}

/** Compares a layer with a case: in float64 to 1e-12 and in float32 to 1e-6, both relative. */
export function agreesWithTorch(golden: GoldenCase, layer: Layer): void {
  const exact = new Map<tf.Tensor, readonly number[]>();
  const tensor = ({ shape, values }: GoldenTensor): tf.Tensor => {
    const made = tf.tensor([...values], [...shape]);
    exact.set(made, values);
    return made;
  };

  test(`${golden.layer} ${JSON.stringify(golden.options)}`, () => {
    const inputShape = golden.x.shape.slice(1);
    const start = layer.init(random.key(0), inputShape).params;
    const paths = Object.keys(golden.params);
    expect(treeLeaves(start).length).toBe(paths.length);
    const params = paths.reduce<TensorTree>(
      (tree, path) => treeSet(tree, path, tensor(golden.params[path] as GoldenTensor)),
      start,
    );
    // In the order of the leaves of the parameters.
    const wanted = paths.reduce<unknown>(
      (tree, path) => treeSet(tree as never, path, { wanted: golden.dparams[path] } as never),
      start,
    );
    const dparams = goldenLeaves(wanted);
    const [x, cotangent] = [tensor(golden.x), tensor(golden.cotangent)];
    expect([golden.y.shape[0], ...layer.outputShape(inputShape)]).toEqual(golden.y.shape);

    const run = (p: TensorTree, v: tf.Tensor, c: tf.Tensor) => {
      const forward = (point: { readonly p: TensorTree; readonly v: tf.Tensor }) =>
        layer.apply({ params: point.p, state: null }, point.v).y;
      const slopes = grad((point: { readonly p: TensorTree; readonly v: tf.Tensor }) =>
        tf.sum(tf.mul(forward(point), c)),
      )({ p, v }) as { readonly p: TensorTree; readonly v: tf.Tensor };
      return [forward({ p, v }), slopes.v, slopes.p];
    };
    const want = [golden.y, golden.dx, ...dparams].map(({ values }) => values);
    const args = [params, x, cotangent] as const;
    const leaves = treeLeaves<unknown, tf.Tensor>(args);
    const doubles = float64(
      run,
      ...args,
    )(leaves.map((t) => float64Tensor(t.shape, exact.get(t) ?? [])));
    const singles = treeLeaves<unknown, tf.Tensor>(run(...args));
    want.forEach((list, i) => {
      const single = singles[i] as tf.Tensor;
      expect(farthest(numbers(doubles.slice(i, i + 1)), list), `float64 ${i}`).toBeLessThan(1e-12);
      expect(farthest([...single.dataSync()], list), `float32 ${i}`).toBeLessThan(1e-6);
    });
  });
}

/** The largest difference, relative to the larger of 1 and the values wanted. */
export function farthest(got: readonly number[], want: readonly number[]): number {
  if (got.length !== want.length) return Number.NaN;
  const scale = Math.max(1, ...want.map(Math.abs));
  return Math.max(0, ...got.map((v, i) => Math.abs(v - (want[i] ?? Number.NaN)))) / scale;
}

function goldenLeaves(tree: unknown): GoldenTensor[] {
  if (tree === null || typeof tree !== "object") return [];
  if ("wanted" in tree) return [tree.wanted as GoldenTensor];
  return Object.keys(tree)
    .sort()
    .flatMap((name) => goldenLeaves((tree as Readonly<Record<string, unknown>>)[name]));
}
