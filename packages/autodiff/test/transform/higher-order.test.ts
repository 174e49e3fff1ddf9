import { describe, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import { sizeOf } from "../../src/ir/shape.ts";
import type { Graph, Shape, TensorType } from "../../src/ir/types.ts";
import { jvpGraph, vjpGraph, vjpInto } from "../../src/transform/index.ts";
import { expectClose } from "./check.ts";
import { dropOutputs, graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const scalar = (x: number) => hostTensor(f32(), [x]);
const vector = (values: readonly number[]) => hostTensor(f32(values.length), values);

/** The gradient of a scalar graph as a graph. */
const gradientGraph = (graph: Graph): Graph => {
  const wrt = graph.inputs.map((_, i) => i === 0);
  const pulled = dropOutputs(vjpGraph(graph, wrt), 1);
  return graphOf(
    graph.inputs.map((v) => v.type),
    (b, ...xs) => b.inline(pulled, [...xs, b.fill(f32(), 1)]),
  );
};

/** Columns of the Hessian of a scalar function of a vector, forward over reverse. */
const hessian = (graph: Graph, x: readonly number[]): number[][] => {
  const first = gradientGraph(graph);
  const second = dropOutputs(jvpGraph(first, [true]), 1);
  return x.map((_, k) => {
    const unit = vector(x.map((__, i) => (i === k ? 1 : 0)));
    return [...evaluateGraph(second, [vector(x), unit])[0]!.data];
  });
};

/** The same, reverse over reverse. */
const hessianByReverse = (graph: Graph, x: readonly number[]): number[][] => {
  const first = gradientGraph(graph);
  const second = dropOutputs(vjpGraph(first, [true]), 1);
  return x.map((_, k) => {
    const unit = vector(x.map((__, i) => (i === k ? 1 : 0)));
    return [...evaluateGraph(second, [vector(x), unit])[0]!.data];
  });
};

const dot = { lhsBatch: [], rhsBatch: [], lhsContracting: [0], rhsContracting: [0] };

describe("Hessians in closed form", () => {
  const x = [0.3, -0.7, 1.1];

  test("of ½ xᵀ A x: (A + Aᵀ) / 2", () => {
    const a = [1, 2, 3, 4, 5, 6, 7, 8, 10];
    const graph = graphOf([f32(3)], (b, v) => {
      const matrix = b.constant(f32(3, 3), Float64Array.from(a));
      return [b.scale(b.dot(v, b.dot(matrix, v, { ...dot, lhsContracting: [1] }), dot), 0.5)];
    });
    const wanted = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (a[3 * i + j]! + a[3 * j + i]!) / 2));
    expectClose(hessian(graph, x), wanted, 1e-14);
    expectClose(hessianByReverse(graph, x), wanted, 1e-14);
  });

  test("of log Σ exp x: diag(p) − p pᵀ", () => {
    const graph = graphOf([f32(3)], (b, v) => {
      const max = b.reduce(v, "maximum", [0]);
      const shifted = b.sub(v, b.broadcastTo(max, [3]));
      const total = b.reduce(b.map("exponential", shifted), "add", [0]);
      return [b.add(b.map("log", total), max)];
    });
    const total = x.reduce((s, v) => s + Math.exp(v), 0);
    const p = x.map((v) => Math.exp(v) / total);
    const wanted = p.map((pi, i) => p.map((pj, j) => (i === j ? pi : 0) - pi * pj));
    expectClose(hessian(graph, x), wanted, 1e-14);
    expectClose(hessianByReverse(graph, x), wanted, 1e-14);
  });

  test("of Π x: products of the others, with a zero among them", () => {
    const graph = graphOf([f32(4)], (b, v) => [b.reduce(v, "multiply", [0])]);
    const at = [2, 0, 3, 5];
    const wanted = at.map((_, i) =>
      at.map((__, j) =>
        i === j ? 0 : at.reduce((s, v, k) => (k === i || k === j ? s : s * v), 1),
      ),
    );
    expectClose(hessian(graph, at), wanted, 0);
    expectClose(hessianByReverse(graph, at), wanted, 0);
  });
});

describe("derivatives of any order", () => {
  test("the first six of sin and exp(2x), taken by reverse mode alone", () => {
    const sine = graphOf([f32()], (b, x) => [b.map("sine", x)]);
    const exponential = graphOf([f32()], (b, x) => [b.map("exponential", b.scale(x, 2))]);
    const waves = [Math.cos, (t: number) => -Math.sin(t), (t: number) => -Math.cos(t), Math.sin];
    let [first, second] = [sine, exponential];
    for (let order = 1; order <= 6; order++) {
      first = gradientGraph(first);
      second = gradientGraph(second);
      const got = [first, second].map((g) => evaluateGraph(g, [scalar(0.4)])[0]!.data);
      const wanted = [waves[(order - 1) % 4]!(0.4), 2 ** order * Math.exp(0.8)];
      expectClose(
        got,
        wanted.map((v) => [v]),
        1e-13,
      );
    }
  });

  test("forward over forward over reverse of x⁵ is 60 x²", () => {
    const graph = graphOf([f32()], (b, x) => [b.map("power", x, b.fill(f32(), 5))]);
    const once = gradientGraph(graph);
    const twice = dropOutputs(jvpGraph(once, [true]), 1);
    const thrice = dropOutputs(jvpGraph(twice, [true, false]), 1);
    const one = scalar(1);
    const got = evaluateGraph(thrice, [scalar(1.5), one, one])[0]!.data;
    expectClose([got], [[60 * 1.5 ** 2]], 1e-14);
  });

  test("a function that does not use an input has zeros as its gradient", () => {
    const graph = graphOf([f32(2), f32(3)], (b, x) => [b.reduce(x, "add", [0])]);
    const [, gx, gy] = evaluateGraph(vjpGraph(graph, [true, true]), [
      vector([1, 2]),
      vector([1, 2, 3]),
      scalar(2),
    ]);
    expect([...gx!.data, ...gy!.data]).toEqual([2, 2, 0, 0, 0]);
    expect(sizeOf(gy!.type.shape)).toBe(3);
  });

  test("only floats can be differentiated", () => {
    const graph = graphOf([{ shape: [], dtype: "i32" }], (_, x) => [x]);
    expect(() => vjpGraph(graph, [true])).toThrow("vjp: input 0 is i32");
    expect(() => jvpGraph(graph, [true])).toThrow("jvp: input 0 is i32");
  });
});

test("a pullback can be used several times, and outputs may be inputs or stand twice", () => {
  const graph = graphOf([f32()], (b, x) => {
    const y = b.mul(x, x);
    return [x, y, y];
  });
  const twice = graphOf([f32()], (b, x) => {
    const { outputs, pullback } = vjpInto(b, graph, [x], [true]);
    const one = b.fill(f32(), 1);
    const cotangents = [
      [one, undefined, undefined],
      [one, one, one],
    ];
    return [...outputs, ...cotangents.map((cts) => pullback(cts)[0]!)];
  });
  const got = evaluateGraph(twice, [scalar(3)]).map((y) => y.data[0]);
  expect(got).toEqual([3, 9, 9, 1, 13]);
});
