import "@layerwise/cpu/register";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

test("after one import tf.setBackend finds the backend; kernels run before any await", () => {
  expect(tf.setBackend("layerwise-cpu")).toBeInstanceOf(Promise);
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  expect(Array.from(tf.matMul(x, x).dataSync())).toEqual([7, 10, 15, 22]);
});
