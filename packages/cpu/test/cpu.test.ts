import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

test("makes wasm with SIMD the active backend, and says so", async () => {
  const info = await cpu();
  expect(info.backend).toBe("wasm");
  expect(info.simd).toBe(true);
  // More than one only in a page that is cross-origin isolated.
  if (!globalThis.crossOriginIsolated) expect(info.threads).toBe(1);
  expect(info.reason).toBeUndefined();
  expect(tf.getBackend()).toBe("wasm");
});

test("a second call changes nothing, and makes wasm active again", async () => {
  const kernels = tf.getKernelsForBackend("wasm");
  const x = tf.ones([2, 2]);
  await tf.setBackend("cpu");
  await cpu();
  expect(tf.getBackend()).toBe("wasm");
  expect(tf.getKernelsForBackend("wasm")).toEqual(kernels);
  expect(Array.from(tf.matMul(x, x, true).dataSync())).toEqual([2, 2, 2, 2]);
});

test("calls at the same time share one backend", async () => {
  tf.engine().reset();
  const [first, second] = await Promise.all([cpu(), cpu()]);
  const x = tf.ones([2]);
  expect(second).toEqual(first);
  await cpu();
  expect(Array.from(x.dataSync())).toEqual([1, 1]);
});

test("tfjs's reset starts wasm anew", async () => {
  tf.engine().reset();
  await cpu();
  const x = tf.ones([2, 3]);
  expect(Array.from(tf.matMul(x, x, true, false).dataSync())).toEqual(new Array(9).fill(2));
});
