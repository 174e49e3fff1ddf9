// Oracles: the arithmetic that the functions say; tfjs's own counts of tensors and data.
import { compile } from "@layerwise/autodiff";
import { Builder, registerExecutor } from "@layerwise/autodiff/executor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeExecutor } from "../../src/backend/executor.ts";
import type { HostEngine } from "./host-engine.ts";
import { active, useHostBackend } from "./support.ts";

let engine: HostEngine;
beforeAll(async () => {
  engine = await useHostBackend("executor-test", "lazy");
  registerExecutor("executor-test", makeExecutor(active));
});
beforeEach(async () => {
  await tf.setBackend("executor-test");
});
afterAll(() => {
  expect(tf.memory()).toMatchObject({ numTensors: 0, numDataBuffers: 0 });
  expect(engine.heap.bytes).toBe(0);
});

const counting = (): tf.Tensor1D => tf.tensor1d(Float32Array.from({ length: 32 }, (_, i) => i));

describe("compiled functions", () => {
  test("run as one graph, on values that wait as well", () => {
    const f = compile((x: tf.Tensor, y: tf.Tensor) => tf.add(tf.mul(x, y), 1));
    const x = counting();
    const twice = tf.mul(x, 2);
    const { runs } = engine.counts;
    const three = tf.scalar(3);
    const y = f(twice, three);
    expect(engine.counts.runs - runs).toBe(2);
    expect(y.dataSync()[5]).toBe(31);
    // Their results are operands of kernels that are recorded.
    const sum = tf.sum(y);
    expect(sum.dataSync()[0]).toBe(6 * 496 + 32);
    f.dispose();
    tf.dispose([x, twice, three, y, sum]);
  });

  test("have gradients in tfjs", () => {
    tf.tidy(() => {
      const f = compile((x: tf.Tensor) => tf.sum(tf.mul(x, tf.mul(x, x))));
      expect(tf.grad(f)(counting()).dataSync()[4]).toBeCloseTo(48, 4);
      f.dispose();
    });
  });
});

describe("an executable", () => {
  const double = () => {
    const b = new Builder();
    const x = b.input({ shape: [32], dtype: "f32" });
    return b.finish([b.add(x, x)]);
  };

  test("takes the place of a donated input that nobody else has", () => {
    const executable = makeExecutor(active)(double(), { donate: [0] });
    const x = counting();
    const { takenOver } = engine.counts;
    const { regions } = engine.heap;
    const [y] = executable.run([x]) as [tf.Tensor];
    expect(engine.counts.takenOver - takenOver).toBe(1);
    expect(engine.heap.regions).toBe(regions);
    expect(x.isDisposed).toBe(true);
    expect(y.dataSync()[3]).toBe(6);
    y.dispose();
    executable.dispose();
  });

  test("spares donated elements that another tensor or a recorded call needs", () => {
    const executable = makeExecutor(active)(double(), { donate: [0] });
    const x = counting();
    const view = tf.reshape(x, [4, 8]);
    const [y] = executable.run([x]) as [tf.Tensor];
    expect(view.dataSync()[3]).toBe(3);
    const z = tf.square(y);
    const [w] = executable.run([y]) as [tf.Tensor];
    expect(z.dataSync()[3]).toBe(36);
    expect(w.dataSync()[3]).toBe(12);
    tf.dispose([view, z, w]);
    executable.dispose();
  });

  test("says what is wrong with its inputs", () => {
    const executable = makeExecutor(active)(double(), { donate: [] });
    const x = tf.zeros([4]);
    expect(() => executable.run([x])).toThrow("expected f32[32], got float32[4]");
    expect(() => executable.run([])).toThrow("expected 1 inputs, got 0");
    x.dispose();
  });
});
