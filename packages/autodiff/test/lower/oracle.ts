import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { evaluateGraph } from "../../src/host/index.ts";
import { hostTensor } from "../../src/host/tensor.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { DType, Value } from "../../src/ir/types.ts";
import { KernelCall, lowerings } from "../../src/trace/lower/index.ts";
import type { Case, Operand } from "./case.ts";

/** A result as plain data. */
export interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

const DTYPES: Readonly<Record<Operand["dtype"], DType>> = {
  float32: "f32",
  int32: "i32",
  bool: "bool",
};
const TF_DTYPES: Readonly<Record<DType, string>> = {
  f32: "float32",
  f16: "float32",
  i32: "int32",
  u32: "int32",
  bool: "bool",
};

const entries = (inputs: Case["inputs"]): [string, Operand][] =>
  Object.entries(inputs).filter((entry): entry is [string, Operand] => entry[1] !== undefined);

/** What tfjs's cpu kernel computes. */
export const eager = ({ kernel, inputs, attrs }: Case): Result[] =>
  tf.tidy(() => {
    const tensors = Object.fromEntries(
      entries(inputs).map(([name, { shape, dtype, values }]) => [
        name,
        tf.tensor([...values], [...shape], dtype),
      ]),
    );
    const given = Array.isArray(inputs) ? Object.values(tensors) : tensors;
    const results = tf
      .engine()
      .runKernel(kernel, given as tf.NamedTensorMap, { ...attrs } as tf.NamedAttrMap);
    return (Array.isArray(results) ? results : [results]).map((x: tf.Tensor) => ({
      shape: x.shape,
      dtype: x.dtype,
      values: Array.from(x.dataSync<"float32">()),
    }));
  });

/** What the lowering of the kernel computes on the host. */
export const lowered = ({ kernel, inputs, attrs }: Case): Result[] => {
  const b = new Builder();
  const operands = entries(inputs);
  const values = operands.map(([name, { shape, dtype }]): [string, Value] => [
    name,
    b.input({ shape, dtype: DTYPES[dtype] }),
  ]);
  const lower = lowerings[kernel]!;
  const outputs = lower(new KernelCall(b, kernel, Object.fromEntries(values), attrs));
  const graph = b.finish("type" in outputs ? [outputs] : outputs);
  const data = operands.map(([, { values: numbers }], k) =>
    hostTensor(graph.inputs[k]!.type, numbers),
  );
  return evaluateGraph(graph, data, { round: "f32" }).map(({ type, data: numbers }) => ({
    shape: type.shape,
    dtype: TF_DTYPES[type.dtype],
    values: Array.from(numbers),
  }));
};

// float32 sums in another order, and tfjs's erf is a polynomial with an error of 1.5e-7.
const TOLERANCE = 2e-5;

/** Asserts equal shapes and dtypes, equal integers, and floats that differ by rounding only. */
export const expectClose = (given: readonly Result[], wanted: readonly Result[]): void => {
  expect(given.map(({ shape, dtype }) => ({ shape: [...shape], dtype }))).toEqual(
    wanted.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
  );
  given.forEach(({ values }, k) => {
    const reference = wanted[k]!.values;
    expect(values.length).toBe(reference.length);
    values.forEach((x, j) => {
      const y = reference[j]!;
      if (Object.is(x, y) || x === y) return;
      const error = Math.abs(x - y);
      if (!(error <= TOLERANCE * Math.max(1, Math.abs(y)))) {
        expect.fail(`result ${k}, element ${j}: ${x} instead of ${y}`);
      }
    });
  });
};
