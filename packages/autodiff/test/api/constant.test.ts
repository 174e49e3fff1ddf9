import { compile, constant, scan, trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import "@tensorflow/tfjs-backend-cpu";

await tf.setBackend("cpu");

const one = hostTensor({ shape: [], dtype: "f32" }, [1]);

test("a constant is a float32 scalar, eagerly and compiled", () => {
  const eager = constant(0.1);
  expect([eager.dtype, eager.shape, eager.dataSync()[0]]).toEqual([
    "float32",
    [],
    Math.fround(0.1),
  ]);
  const compiled = compile((x: tf.Tensor) => tf.mul(x, constant(0.1)));
  expect(compiled(tf.scalar(1)).dataSync()[0]).toBe(Math.fround(0.1));
});

test("a traced constant keeps double precision, where a scalar has lost it", () => {
  const spec = { shape: [], dtype: "float32" } as const;
  const run = (fn: (x: tf.Tensor) => tf.Tensor) =>
    evaluateGraph(trace(fn, [spec]).graph, [one])[0]?.data[0];
  expect(run((x) => tf.mul(x, constant(0.1)))).toBe(0.1);
  expect(run((x) => tf.mul(x, tf.scalar(0.1)))).toBe(Math.fround(0.1));
});

test("constants of a loop's body and of the function around it meet", () => {
  const loop = (x: tf.Tensor): tf.Tensor => {
    const outside = constant(0.1);
    const step = (total: tf.Tensor) => {
      const next = tf.add(total, tf.mul(outside, constant(0.3)));
      return { carry: next, y: next };
    };
    return scan(step, x, null, { length: 2 }).carry;
  };
  const { graph } = trace(loop, [{ shape: [], dtype: "float32" }]);
  expect(evaluateGraph(graph, [one])[0]?.data[0]).toBe(1 + 0.1 * 0.3 + 0.1 * 0.3);
});
