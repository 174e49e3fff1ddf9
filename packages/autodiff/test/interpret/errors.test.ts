// A kernel that throws in the middle of a run stands for any failure of a backend.
import { compile, scan, whileLoop } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { afterEach, beforeEach, expect, test } from "vitest";

const kernel = { kernelName: "Exp", backendName: "cpu" };
let calls = 0;
let original: tf.KernelConfig;

beforeEach(async () => {
  await tf.setBackend("cpu");
  original = tf.getKernel("Exp", "cpu");
  calls = 0;
  tf.unregisterKernel("Exp", "cpu");
  tf.registerKernel({
    ...kernel,
    kernelFunc: (params) => {
      calls++;
      if (calls === 4) throw new Error("the fourth call fails");
      return original.kernelFunc(params);
    },
  });
});

afterEach(() => {
  tf.unregisterKernel("Exp", "cpu");
  tf.registerKernel(original);
});

const loops = {
  scan: (x: tf.Tensor) =>
    scan(
      (carry: tf.Tensor, row: tf.Tensor) => {
        const next = tf.exp(tf.add(carry, row));
        return { carry: next, y: tf.neg(next) };
      },
      tf.zeros([2]),
      x,
    ).ys,
  "whileLoop body": (x: tf.Tensor) =>
    whileLoop(
      (v: tf.Tensor) => tf.less(tf.max(v), 1e30),
      (v: tf.Tensor) => tf.add(tf.exp(tf.mul(v, 0)), v),
      x,
    ),
  "whileLoop condition": (x: tf.Tensor) =>
    whileLoop(
      (v: tf.Tensor) => tf.less(tf.max(tf.exp(tf.mul(v, 0))), 2),
      (v: tf.Tensor) => tf.add(v, 1),
      x,
    ),
};

test.for(Object.entries(loops))(
  "an error inside %s frees what the loop holds",
  async ([, loop]) => {
    const x = tf.zeros([6, 2]);
    const run = compile(loop);
    run.graph(x);
    const before = tf.engine().backend.numDataIds();
    expect(() => run(x)).toThrow("the fourth call fails");
    run.dispose();
    expect(tf.engine().backend.numDataIds()).toBe(before);
    calls = 0;
    await expect(run.async(x)).rejects.toThrow("the fourth call fails");
    run.dispose();
    expect(tf.engine().backend.numDataIds()).toBe(before);
    x.dispose();
  },
);
