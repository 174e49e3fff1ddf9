// Oracle: central differences, in float64, of the first derivatives (which ops.test.ts checks).
import "@tensorflow/tfjs-backend-cpu";
import { trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import type { Graph } from "../../src/ir/types.ts";
import { type Operand, of } from "./case.ts";
import { differentiable, type OpCase } from "./cases/ops.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
  await tf.ready();
});

type Scalar = (...xs: tf.Tensor[]) => tf.Tensor;

// Weights that differ from element to element, so that mixed-up elements show.
const weigh = (y: tf.Tensor, phase: number): tf.Tensor =>
  tf.sum(tf.mul(y, tf.cos(tf.add(tf.reshape(tf.range(1, y.size + 1, 1), y.shape), phase))));

const weighted =
  ({ fn }: OpCase): Scalar =>
  (...xs) =>
    tf.addN([fn(...xs)].flat().map((y) => weigh(y, 0)));

// A gradient along a direction: its own gradient is the Hessian times that direction.
const directional =
  (f: Scalar): Scalar =>
  (...xs) =>
    tf.addN(
      tf
        .grads(f)(xs)
        .map((g) => weigh(g, 2)),
    );

const gradientGraph = (f: Scalar, operands: readonly Operand[]): Graph => {
  const tensors = operands.map(({ shape, values }) => tf.tensor([...values], [...shape]));
  const { graph } = trace((...xs: tf.Tensor[]) => tf.grads(f)(xs), tensors);
  tf.dispose(tensors);
  return graph;
};

const run = (graph: Graph, operands: readonly (readonly number[])[]): number[] =>
  evaluateGraph(
    graph,
    operands.map((values, k) => hostTensor(graph.inputs[k]!.type, values)),
  ).flatMap(({ data }) => Array.from(data));

const STEP = 1e-5;

const compare = (given: OpCase): void => {
  const { operands } = given;
  const f = weighted(given);
  const gradient = gradientGraph(f, operands);
  const hessian = gradientGraph(directional(f), operands);
  const shifted = (step: number) =>
    operands.map(({ values }) => values.map((x, k) => x + step * Math.cos(k + 3)));
  const values = run(
    hessian,
    operands.map((x) => x.values),
  );
  const [after, before] = [run(gradient, shifted(STEP)), run(gradient, shifted(-STEP))];
  values.forEach((value, k) => {
    // Central differences err by about STEP² and by 1e-16 / STEP.
    expect(value).toBeCloseTo((after[k]! - before[k]!) / (2 * STEP), 5);
  });
};

const smooth = differentiable.filter(({ name }) => !/corner|limits/.test(name));

describe("the second derivative of a traced op is that of its first", () => {
  test.each(smooth)("$name", compare);
});

test("softplus has its second derivative, 1/4, at 0", () => {
  const second = gradientGraph((x) => tf.sum(tf.grad((y) => tf.sum(tf.softplus(y)))(x)), [of([0])]);
  expect(run(second, [[0]])).toEqual([0.25]);
});
