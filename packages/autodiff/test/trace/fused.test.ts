// Oracle: tfjs's gradient of the same operations one by one. Found by tfjs-core's own specs.
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers"; // registers tfjs's gradients
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { grad } from "../../src/api/grad.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
  await tf.ready();
});

test.each(["elu", "relu6", "sigmoid", "leakyrelu"] as const)(
  "tf.fused.matMul with %s can be traced and differentiated",
  (activation) => {
    const x = tf.tensor2d([[1, -2]]);
    const w = tf.tensor2d([[0.5], [0.75]]);
    const apply = { elu: tf.elu, relu6: tf.relu6, sigmoid: tf.sigmoid, leakyrelu: tf.leakyRelu };
    const g = grad((a: tf.Tensor) =>
      tf.sum(tf.fused.matMul({ a, b: w, transposeA: false, transposeB: false, activation })),
    )(x);
    const eager = tf.grad((a: tf.Tensor) => tf.sum(apply[activation](tf.matMul(a, w))))(x);
    expect([...g.dataSync()]).toEqual([...eager.dataSync()]);
  },
);
