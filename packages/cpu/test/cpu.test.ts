import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

test("makes layerwise-cpu the active backend, and says with how many threads", async () => {
  const info = await cpu({ threads: 2 });
  expect(info).toEqual({ backend: "layerwise-cpu", simd: true, fma: true, threads: 2 });
  expect(tf.getBackend()).toBe("layerwise-cpu");
});

test("a second call makes it active again, with the same kernels and tensors", async () => {
  const kernels = tf.getKernelsForBackend("layerwise-cpu");
  const x = tf.ones([2, 2]);
  await tf.setBackend("cpu");
  const y = tf.ones([2, 2]);
  await cpu();
  expect(tf.getBackend()).toBe("layerwise-cpu");
  expect(tf.getKernelsForBackend("layerwise-cpu")).toEqual(kernels);
  expect(Array.from(tf.matMul(x, y, true).dataSync())).toEqual([2, 2, 2, 2]);
});

test("calls at the same time share one backend", async () => {
  tf.engine().reset();
  const [first, second] = await Promise.all([cpu(), cpu()]);
  const x = tf.ones([2]);
  expect(second).toEqual(first);
  await cpu();
  expect(Array.from(x.dataSync())).toEqual([1, 1]);
});

test("tfjs's reset starts it anew", async () => {
  tf.engine().reset();
  await cpu();
  const x = tf.ones([2, 3]);
  expect(Array.from(tf.matMul(x, x, true, false).dataSync())).toEqual(new Array(9).fill(2));
});

test("every kernel of tfjs's cpu backend is there", async () => {
  await cpu();
  const names = (backend: string) =>
    tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
  const own = new Set(names("layerwise-cpu"));
  expect(names("cpu").filter((name) => !own.has(name))).toEqual([]);
});
