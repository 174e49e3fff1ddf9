import { describe, expect, test } from "vitest";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import type { Graph, Node, OpName, Shape, TensorType } from "../../src/ir/types.ts";
import { expandLinearCalls, vjpGraph } from "../../src/transform/index.ts";
import { randomDirection } from "../support/gradient-check.ts";
import { checkForward, checkReverse, checkSecondOrder, expectClose } from "./check.ts";
import { graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const V = f32(3);
const inputsOf = (graph: Graph) => randomDirection(graph.inputs, "point");
const run = (graph: Graph, inputs: readonly HostTensor[]) =>
  evaluateGraph(graph, inputs).map((y) => y.data);
const ops = (graph: Graph): OpName[] => graph.nodes.map((node) => node.op);
const calls = (graph: Graph) =>
  graph.nodes.filter((node): node is Extract<Node, { op: "call" }> => node.op === "call");

describe("linear_call", () => {
  // t ↦ diag(r)·t, known by its transpose only.
  const transposed = graphOf([V, V], (b, r, ct) => [b.mul(r, ct)]);
  const graph = graphOf([V, V], (b, r, t) => [
    b.one("linear_call", [b.map("sine", r), t], { numResiduals: 1, transposed }),
  ]);

  test("is differentiated in the tangents and in the residuals", () => {
    checkForward(graph, inputsOf(graph));
    checkReverse(graph, inputsOf(graph));
    checkSecondOrder(graph, inputsOf(graph));
  });

  test("expands, also inside other graphs", () => {
    const scan = graphOf([V, V], (b, r, t) => [
      b.one("scan", [r, t], { body: graph, length: 2, numConsts: 1, numCarry: 1, reverse: false }),
    ]);
    const outer = graphOf([V, V], (b, r, t) => [
      ...b.emit("call", [r, t], { body: scan, derivative: { kind: "checkpoint" } }),
    ]);
    const expanded = expandLinearCalls(outer);
    expect(JSON.stringify(ops(calls(expanded)[0]!.attrs.body))).not.toContain("linear_call");
    const [r, t] = [hostTensor(V, [0.1, 0.2, 0.3]), hostTensor(V, [1, 2, 3])];
    const wanted = [0, 1, 2].map((i) => Math.sin(r.data[i]!) ** 2 * t.data[i]!);
    expectClose(run(expanded, [r, t]), [wanted], 1e-15);
    expect(expandLinearCalls(expanded)).toBe(expanded);
  });
});

describe("custom_jvp", () => {
  const square = graphOf([V], (b, x) => [b.mul(x, x)]);
  const custom = (jvp: Graph): Graph =>
    graphOf([V], (b, x) => [
      b.map("sine", b.one("call", [x], { body: square, derivative: { kind: "custom_jvp", jvp } })),
    ]);
  const right = graphOf([V, V], (b, x, t) => [b.mul(x, x), b.scale(b.mul(x, t), 2)]);

  test("with the right rule agrees with differences in both modes and the second order", () => {
    const graph = custom(right);
    checkForward(graph, inputsOf(graph));
    checkReverse(graph, inputsOf(graph));
    checkSecondOrder(graph, inputsOf(graph));
  });

  test("may call functions that compute values and tangents together", () => {
    const wrapped = graphOf([V, V], (b, x, t) => [
      ...b.emit("call", [x, t], { body: right, derivative: { kind: "inline" } }),
    ]);
    checkReverse(custom(wrapped), inputsOf(custom(wrapped)));
  });

  test("that is not linear in the tangents cannot be transposed", () => {
    const bent = graphOf([V, V], (b, x, t) => [b.mul(x, x), b.mul(t, t)]);
    expect(() => vjpGraph(custom(bent), [true])).toThrow("multiply of two tangents");
    const affine = graphOf([V, V], (b, x, t) => [b.mul(x, x), b.shift(t, 1)]);
    expect(() => vjpGraph(custom(affine), [true])).toThrow("not zero");
    const root = graphOf([V, V], (b, x, t) => [b.mul(x, x), b.map("sine", t)]);
    expect(() => vjpGraph(custom(root), [true])).toThrow("sine(f32[3]) is not linear");
  });
});
