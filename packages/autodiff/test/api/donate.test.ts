import { compile, customVjp, grad, random } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers"; // registers tfjs's gradients
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test("a tensor that is donated and passed or captured a second time is refused before anything runs", () => {
  const x = tf.tensor1d([1, 2]);
  const sum = compile((p: { a: tf.Tensor; b: tf.Tensor }) => tf.add(p.a, p.b), { donate: [0] });
  expect(() => sum({ a: x, b: x })).toThrow("donated tensor [2]");
  const two = compile((a: tf.Tensor, b: tf.Tensor) => tf.add(tf.exp(a), b), { donate: [0] });
  expect(() => two(x, x)).toThrow("donated tensor [2]");
  const captured = compile((a: tf.Tensor) => tf.add(tf.exp(a), x), { donate: [0] });
  expect(() => captured(x)).toThrow("donated tensor [2]");
  expect(x.isDisposed).toBe(false);
});

test("donating an argument that is not there names it", () => {
  const f = compile((a: tf.Tensor) => tf.exp(a), { donate: [3] });
  expect(() => f(tf.scalar(1))).toThrow("donate names argument 3, the call has 1");
});

test("a derivative that tfjs's tape runs after its function is forgotten keeps nothing", () => {
  const double = customVjp({
    forward: (x: tf.Tensor) => ({ value: tf.mul(x, 2), residuals: null }),
    backward: (_: null, cotangent: tf.Tensor): [tf.Tensor] => [tf.mul(cotangent, 2)],
  });
  const x = tf.tensor1d([1, 2]);
  const run = (): void =>
    tf
      .grad((v: tf.Tensor) => tf.sum(double(v)))(x)
      .dispose();
  run();
  const before = tf.engine().backend.numDataIds();
  for (let i = 0; i < 20; i++) run();
  expect(tf.engine().backend.numDataIds()).toBe(before);
});

test("a backend registered anew under the same name gets plans of its own", async () => {
  const factory = tf.findBackendFactory("cpu");
  tf.registerBackend("layerwise-again", factory);
  tf.copyRegisteredKernels("cpu", "layerwise-again");
  await tf.setBackend("layerwise-again");
  const f = compile((a: tf.Tensor) => tf.add(tf.exp(a), tf.tensor1d([1, 2])));
  f(tf.tensor1d([0, 0]));
  await tf.setBackend("cpu");
  tf.removeBackend("layerwise-again");
  tf.registerBackend("layerwise-again", factory);
  await tf.setBackend("layerwise-again");
  expect([...f(tf.tensor1d([0, 0])).dataSync()]).toEqual([2, 3]);
  await tf.setBackend("cpu");
  tf.removeBackend("layerwise-again");
});

test("grad wants one scalar tensor; foldIn wants integers", () => {
  const two = (x: tf.Tensor) => [tf.sum(x), tf.sum(x)] as unknown as tf.Tensor;
  expect(() => grad(two)(tf.tensor1d([1]))).toThrow("one scalar tensor");
  expect(() => random.foldIn(random.key(0), 3.7)).toThrow("got 3.7");
  expect(() => random.foldIn(random.key(0), tf.scalar(3))).toThrow("got a float32 tensor");
});
