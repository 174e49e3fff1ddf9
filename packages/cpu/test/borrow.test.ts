import { cpu } from "@layerwise/cpu";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { borrowFromCpu, silenced } from "../src/borrow.ts";
import { live } from "./reference.ts";

await cpu();

/** Runs a borrowed kernel under another name, on a host whose tensors can be counted. */
const borrow = (kernelName: string, inputs: tf.NamedTensorMap, attrs = {}) => {
  const host = silenced(new MathBackendCPU());
  tf.registerKernel({ ...borrowFromCpu(kernelName, host), kernelName: "Borrowed" });
  try {
    const outputs = tf.engine().runKernel("Borrowed", inputs, attrs);
    return { outputs: Array.isArray(outputs) ? outputs : [outputs], left: host.numDataIds() };
  } finally {
    tf.unregisterKernel("Borrowed", "wasm");
  }
};

test("a borrowed kernel that shares its output's data with its input frees both on the host", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const before = live();
  const { outputs, left } = borrow("Identity", { x });
  expect(left).toBe(0);
  expect(Array.from(outputs[0]?.dataSync() ?? [])).toEqual([1, 2, 3]);
  tf.dispose(outputs);
  expect(live()).toEqual(before);
});

test("a borrowed kernel may have several outputs, integers and booleans among them", () => {
  const x = tf.tensor1d([3, 1, 2]);
  const { outputs, left } = borrow("TopK", { x }, { k: 2, sorted: true });
  expect(left).toBe(0);
  expect(outputs.map((y) => [y.dtype, ...y.dataSync()])).toEqual([
    ["float32", 3, 2],
    ["int32", 0, 2],
  ]);
  const less = borrow("Less", { a: x, b: tf.tensor1d([2]) });
  expect(less.outputs.map((y) => [y.dtype, ...y.dataSync()])).toEqual([["bool", 0, 1, 0]]);
});

test("borrowed kernels that training needs free all on the host", () => {
  const conv = { strides: 1, pad: "same", dataFormat: "NHWC" };
  const x = tf.ones([1, 3, 3, 1]);
  const filterShape = [2, 2, 1, 1];
  const cases = [
    borrow("Conv2DBackpropFilter", { x, dy: x }, { ...conv, filterShape }),
    borrow(
      "DepthwiseConv2dNativeBackpropFilter",
      { x, dy: x },
      { ...conv, strides: [1, 1], dilations: [1, 1], filterShape },
    ),
    borrow(
      "DepthwiseConv2dNativeBackpropInput",
      { dy: x, filter: tf.ones(filterShape) },
      { ...conv, strides: [1, 1], dilations: [1, 1], inputShape: x.shape },
    ),
    borrow("Einsum", [tf.ones([2, 3]), tf.ones([3, 2])] as unknown as tf.NamedTensorMap, {
      equation: "ij,jk->ki",
    }),
    borrow(
      "BatchMatMul",
      { a: tf.ones([1, 2, 3], "int32"), b: tf.ones([1, 2, 3], "int32") },
      { transposeA: true, transposeB: false },
    ),
  ];
  expect(cases.map(({ left }) => left)).toEqual([0, 0, 0, 0, 0]);
});

test("a borrowed kernel that throws leaves nothing behind", () => {
  const before = live();
  const host = silenced(new MathBackendCPU());
  const x = tf.ones([2, 2]);
  const kernel = borrowFromCpu("Reshape", host);
  const args = { inputs: { x }, attrs: { shape: [3] }, backend: tf.backend() };
  expect(() => kernel.kernelFunc(args)).toThrow();
  expect(host.numDataIds()).toBe(0);
  x.dispose();
  expect(live()).toEqual(before);
});
