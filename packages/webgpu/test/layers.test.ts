import { compile, grad, random, type TensorTree, treeLeaves } from "@layerwise/autodiff";
import { WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect } from "vitest";
// @boundaries-ignore the tables of the packages above, whose layers must compute the same here
import { rows as dropoutRows } from "../../dropout/test/support/rows.ts";
// @boundaries-ignore likewise
import type { Layer } from "../../layers/src/index.ts";
// @boundaries-ignore likewise
import { activationRows } from "../../layers/test/rows/activations.ts";
// @boundaries-ignore likewise
import { layerRows, spatialRows } from "../../layers/test/rows/index.ts";
// @boundaries-ignore likewise
import { rows as normRows } from "../../norm/test/support/rows.ts";
import { gpuTest, opened } from "./gpu.ts";
import { moved } from "./moved.ts";

interface Case {
  readonly name: string;
  readonly layer: Layer;
  readonly inputShape: readonly number[];
  readonly vocabulary?: number | undefined;
}

const cases: readonly Case[] = [
  ...[...layerRows, ...spatialRows, ...activationRows].map((row) => ({
    ...row,
    layer: row.make(),
  })),
  ...normRows.map((row) => ({ ...row, layer: row.layer as Layer })),
  ...Object.entries(dropoutRows).map(([name, { layer, shape }]) => ({
    name,
    layer,
    inputShape: shape,
  })),
];

/** Output, next state and derivatives in training. */
const program = (layer: Layer, whole: boolean) =>
  compile((params: TensorTree, state: TensorTree, x: tf.Tensor, key: tf.Tensor): TensorTree => {
    const apply = (p: TensorTree, input: tf.Tensor) =>
      layer.apply({ params: p, state }, input, { key, training: true });
    const loss = (p: TensorTree, input: tf.Tensor) => tf.sum(tf.square(apply(p, input).y));
    const slopes = whole
      ? grad((p: TensorTree) => loss(p, x))(params)
      : grad(loss, { argnums: [0, 1] })(params, x);
    return { ...apply(params, x), slopes } as unknown as TensorTree;
  });

const read = (tree: unknown): Promise<Iterable<number>[]> =>
  Promise.all(treeLeaves<unknown, tf.Tensor>(tree).map((x) => x.data()));

afterAll(async () => {
  if (!(opened instanceof WebGPUUnavailableError)) await webgpu();
});

// Oracle: tfjs's CPU backend. Differences are relative to the larger of 1 and the value.
const TOLERANCE = 1e-5;
const COARSE: Readonly<Record<string, number>> = {
  // WGSL promises sin within 2⁻¹¹ only.
  sine: 2e-3,
  snake: 2e-3,
};

gpuTest.each(cases)("$name computes on WebGPU what it computes on the CPU", async (row) => {
  const { layer, inputShape, vocabulary } = row;
  await tf.setBackend("cpu");
  const { params, state } = layer.init(random.key(1), inputShape);
  const x = vocabulary
    ? random.randint(random.key(2), [4, ...inputShape], 0, vocabulary)
    : random.normal(random.key(2), [4, ...inputShape]);
  const args = [params, state, x, random.key(3)] as const;
  const run = program(layer, vocabulary !== undefined);
  const want = await read(run(...args));
  await tf.setBackend("webgpu");
  const here = args.map((tree) => moved(tree)) as unknown as typeof args;
  const got = await read(run(...here));
  expect(got.length).toBe(want.length);
  want.forEach((values, i) => {
    const [a, b] = [[...values], [...(got[i] ?? [])]];
    const distances = a.map(
      (v, j) => Math.abs(v - (b[j] ?? Number.NaN)) / Math.max(1, Math.abs(v)),
    );
    expect(Math.max(0, ...distances.map((d) => (Number.isNaN(d) ? Infinity : d)))).toBeLessThan(
      COARSE[row.name] ?? TOLERANCE,
    );
  });
  run.dispose();
});
