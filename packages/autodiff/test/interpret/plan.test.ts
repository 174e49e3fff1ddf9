import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { prepare } from "../../src/interpret/index.ts";
import { buildGraph } from "../../src/ir/builder.ts";
import type { Shape, TensorType } from "../../src/ir/types.ts";
import { counts } from "./support.ts";

// Oracles: numbers computed by hand, and tfjs's own counts of tensors, buffers and bytes.

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test("donated inputs are disposed as soon as they are read for the last time", () => {
  const graph = buildGraph([f32(2), f32(2)], (b, [x, y]) => [b.map("exponential", b.add(x!, y!))]);
  const plan = prepare(graph, { donate: [0] });
  const [x, y] = [tf.tensor([0, 1]), tf.tensor([0, -1])];
  const [z] = plan.run([x, y]);
  expect([x.isDisposed, y.isDisposed]).toEqual([true, false]);
  expect([...z!.dataSync()]).toEqual([1, 1]);
  tf.dispose([y, z!]);
  plan.dispose();
});

test("a donated input that is a result lives on as the result", () => {
  const before = counts();
  const graph = buildGraph([f32(2)], (_, [x]) => [x!, x!]);
  const plan = prepare(graph, { donate: [0] });
  const x = tf.tensor([3, 4]);
  const [y, z] = plan.run([x]);
  expect(x.isDisposed).toBe(true);
  y!.dispose();
  expect([...z!.dataSync()]).toEqual([3, 4]);
  z!.dispose();
  plan.dispose();
  expect(counts()).toEqual(before);
});

test("results that are inputs, constants or each other can be disposed one by one", () => {
  const before = counts();
  const graph = buildGraph([f32(2)], (b, [x]) => {
    const two = b.fill(f32(3), 2);
    const y = b.neg(x!);
    return [x!, two, two, y, b.reshape(y, [2, 1]), b.constant(f32(2), Float64Array.of(5, 6))];
  });
  const plan = prepare(graph);
  const x = tf.tensor([3, 4]);
  for (let run = 0; run < 2; run++) {
    const results = plan.run([x]);
    const values: number[][] = [];
    for (const tensor of results) {
      values.push([...tensor.dataSync()]);
      tensor.dispose();
    }
    expect(values).toEqual([
      [3, 4],
      [2, 2, 2],
      [2, 2, 2],
      [-3, -4],
      [-3, -4],
      [5, 6],
    ]);
  }
  x.dispose();
  plan.dispose();
  expect(counts()).toEqual(before);
});

test("results belong to the tidy scope that is active", () => {
  const before = counts();
  const plan = prepare(buildGraph([f32(2)], (b, [x]) => [b.neg(x!)]));
  tf.tidy(() => {
    plan.run([tf.tensor([1, 2])]);
  });
  plan.dispose();
  expect(counts()).toEqual(before);
});

test("wrong inputs are named", () => {
  const plan = prepare(buildGraph([f32(2, 3)], (b, [x]) => [b.neg(x!)]));
  const [wrong, int] = [tf.zeros([3, 2]), tf.zeros([2, 3], "int32")];
  expect(() => plan.run([])).toThrow("expected 1 inputs, got 0");
  expect(() => plan.run([wrong])).toThrow("input 0: expected f32[2,3], got float32[3,2]");
  expect(() => plan.run([int])).toThrow("input 0: expected f32[2,3], got int32[2,3]");
  expect(() =>
    prepare(
      buildGraph([], () => []),
      { backend: "abacus" },
    ),
  ).toThrow(/"abacus"/);
  tf.dispose([wrong, int]);
  plan.dispose();
});

test("a kernel that fails is named, and what was computed before it is freed", () => {
  const config = tf.getKernel("Floor", "cpu");
  const { kernelFunc } = config;
  config.kernelFunc = () => {
    throw new Error("out of paper");
  };
  const graph = buildGraph([f32(2)], (b, [x]) => [b.map("floor", b.map("exponential", b.neg(x!)))]);
  const plan = prepare(graph);
  config.kernelFunc = kernelFunc;
  const x = tf.tensor([1, 2]);
  const before = counts();
  expect(() => plan.run([x])).toThrow("Floor: out of paper");
  expect(counts()).toEqual(before);
  x.dispose();
  plan.dispose();
});

test("bias, scale and transposed operands need no kernels of their own", () => {
  const count = (graph: ReturnType<typeof buildGraph>): number => {
    const plan = prepare(graph);
    plan.dispose();
    return plan.stats.kernels;
  };
  const bias = buildGraph([f32(4, 3), f32(3)], (b, [x, y]) => [
    b.add(x!, b.broadcastTo(y!, [4, 3])),
  ]);
  const scale = buildGraph([f32(4, 3)], (b, [x]) => [b.scale(x!, 2)]);
  const square = buildGraph([f32(4, 3)], (b, [x]) => [b.map("power", x!, b.fill(f32(4, 3), 2))]);
  const products = buildGraph([f32(5, 4), f32(5, 3)], (b, [x, y]) => [
    b.dot(x!, y!, { lhsBatch: [], rhsBatch: [], lhsContracting: [0], rhsContracting: [0] }),
  ]);
  expect([bias, scale, square, products].map(count)).toEqual([1, 1, 1, 1]);
});

test("what nobody reads is not computed, and constants are computed once", () => {
  const graph = buildGraph([f32(3)], (b, [x]) => {
    b.map("exponential", x!);
    const constant = b.map("exponential", b.constant(f32(3), Float64Array.of(0, 1, 2)));
    return [b.mul(x!, constant)];
  });
  const plan = prepare(graph);
  expect(plan.stats).toEqual({ kernels: 1, peakBytes: 12, constantBytes: 12, onHost: [] });
  plan.dispose();
});

test("peak memory counts what is alive at the same time", () => {
  const chain = buildGraph([f32(10)], (b, [x]) => {
    let y = x!;
    for (let i = 0; i < 5; i++) y = b.map("sine", y);
    return [y];
  });
  // A value and the next one, of 40 bytes each.
  expect(prepare(chain).stats.peakBytes).toBe(80);
  const wide = buildGraph([f32(10)], (b, [x]) => {
    const all = [1, 2, 3, 4].map((k) => b.map("sine", b.scale(x!, k)));
    return [all.reduce((sum, y) => b.add(sum, y))];
  });
  // Four values in waiting; later ones need only a sum beside them.
  expect(prepare(wide).stats.peakBytes).toBe(200);
});

test("a plan runs asynchronously as well", async () => {
  const plan = prepare(buildGraph([f32(2)], (b, [x]) => [b.neg(x!)]));
  const x = tf.tensor([1, 2]);
  const [y] = await plan.runAsync([x]);
  expect([...y!.dataSync()]).toEqual([-1, -2]);
  tf.dispose([x, y!]);
  plan.dispose();
});
