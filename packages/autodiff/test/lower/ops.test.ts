// Oracle: tfjs itself, running the same public ops eagerly, and its tape for first derivatives.
import "@tensorflow/tfjs-backend-cpu";
// Registers the gradients of tfjs's kernels, which the Node entry of tfjs-core leaves out.
import "@tensorflow/tfjs-layers";
import { trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluateGraph } from "../../src/host/index.ts";
import { hostTensor } from "../../src/host/tensor.ts";
import type { Operand } from "./case.ts";
import { differentiable, type OpCase, plain } from "./cases/ops.ts";
import { expectClose, type Result } from "./oracle.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
  await tf.ready();
});

type Tensors = (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

const tensorOf = ({ shape, dtype, values }: Operand): tf.Tensor =>
  tf.tensor([...values], [...shape], dtype);

const listOf = (x: tf.Tensor | tf.Tensor[]): tf.Tensor[] => (Array.isArray(x) ? x : [x]);

const eager = (f: Tensors, operands: readonly Operand[]): Result[] =>
  tf.tidy(() =>
    listOf(f(...operands.map(tensorOf))).map((x) => ({
      shape: x.shape,
      dtype: x.dtype,
      values: Array.from(x.dataSync<"float32">()),
    })),
  );

const traced = (f: Tensors, operands: readonly Operand[]): Result[] => {
  const tensors = operands.map(tensorOf);
  const { graph, captures } = trace((...xs: tf.Tensor[]) => listOf(f(...xs)), tensors);
  tf.dispose(tensors);
  expect(captures).toEqual([]);
  const inputs = operands.map(({ values }, k) => hostTensor(graph.inputs[k]!.type, values));
  return evaluateGraph(graph, inputs, { round: "f32" }).map(({ type, data }) => ({
    shape: type.shape,
    dtype: { f32: "float32", f16: "float32", i32: "int32", u32: "int32", bool: "bool" }[type.dtype],
    values: Array.from(data),
  }));
};

// A cotangent that differs from element to element, so that mixed-up elements show.
const gradients =
  ({ fn }: OpCase): Tensors =>
  (...xs) => {
    const weighted = (...ys: tf.Tensor[]): tf.Tensor => {
      const outputs = listOf(fn(...ys));
      const sums = outputs.map((y) => {
        const weights = tf.reshape(tf.range(1, y.size + 1, 1), y.shape);
        return tf.sum(tf.mul(y, tf.cos(weights)));
      });
      return tf.addN(sums);
    };
    return tf.grads(weighted)(xs);
  };

describe("a traced op equals the eager one", () => {
  test.each([...plain, ...differentiable])("$name", ({ fn, operands }) => {
    expectClose(traced(fn, operands), eager(fn, operands));
  });
});

describe("the derivative of a traced op equals that of tfjs's tape", () => {
  test.each(differentiable)("$name", (given) => {
    expectClose(traced(gradients(given), given.operands), eager(gradients(given), given.operands));
  });
});
