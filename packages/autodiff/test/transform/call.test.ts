import { describe, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import type { Derivative, Graph, Node, OpName, Shape, TensorType } from "../../src/ir/types.ts";
import { jvpGraph, linearizeGraph, vjpGraph } from "../../src/transform/index.ts";
import { randomDirection } from "../support/gradient-check.ts";
import {
  checkForward,
  checkReverse,
  checkSecondOrder,
  expectClose,
  pullbackGraph,
} from "./check.ts";
import { floatInputs, graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const V = f32(3);
const inputsOf = (graph: Graph) => randomDirection(graph.inputs, "point");

// tanh(sin(x)·y), x·y
const body = graphOf([V, V], (b, x, y) => [b.map("tanh", b.mul(b.map("sine", x), y)), b.mul(x, y)]);

const called = (derivative: Derivative, inner = body): Graph =>
  graphOf([V, V], (b, x, y) => {
    const [u, v] = b.emit("call", [b.map("exponential", x), y], { body: inner, derivative });
    return [b.mul(u!, v!)];
  });

const plain = called({ kind: "inline" });
const checkpointed = called({ kind: "checkpoint" });

const run = (graph: Graph, inputs = inputsOf(graph)) =>
  evaluateGraph(graph, inputs).map((y) => y.data);

const ops = (graph: Graph): OpName[] => graph.nodes.map((node) => node.op);
const calls = (graph: Graph) =>
  graph.nodes.filter((node): node is Extract<Node, { op: "call" }> => node.op === "call");

describe("checkpoint", () => {
  test("has the derivatives of the plain function, of first to third order", () => {
    let [a, b] = [checkpointed, plain];
    for (let order = 0; order < 3; order++) {
      expectClose(run(a), run(b), 1e-14);
      [a, b] = [pullbackGraph(a), pullbackGraph(b)];
    }
    expectClose(run(a), run(b), 1e-13);
    checkForward(checkpointed, inputsOf(checkpointed));
    checkReverse(checkpointed, inputsOf(checkpointed));
    checkSecondOrder(checkpointed, inputsOf(checkpointed));
  });

  test("keeps nothing: the backward pass is a call that starts from the inputs", () => {
    const graph = vjpGraph(checkpointed, [true, true]);
    const [forward, backward] = calls(graph);
    expect(calls(graph).length).toBe(2);
    expect(forward!.attrs.body).toBe(body);
    expect(forward!.outputs.length).toBe(2);
    expect(backward!.attrs.derivative.kind).toBe("checkpoint");
    expect(backward!.inputs.slice(0, 2)).toEqual(forward!.inputs);
    expect(ops(backward!.attrs.body)).toContain("tanh");
  });

  test("is one call in forward mode", () => {
    expect(calls(jvpGraph(checkpointed, [true, true])).length).toBe(1);
  });

  test("nests", () => {
    const kind = { kind: "checkpoint" } as const;
    const inner = graphOf([V, V], (b, x, y) => {
      const [u, v] = b.emit("call", [b.map("sine", x), y], { body, derivative: kind });
      return [b.mul(u!, y), v!];
    });
    const nested = called(kind, inner);
    const flat = called({ kind: "inline" }, inner);
    expectClose(run(pullbackGraph(nested)), run(pullbackGraph(flat)), 1e-14);
    checkSecondOrder(nested, inputsOf(nested));
  });
});

describe("custom_vjp", () => {
  // The right derivative of sin(x)·y, written down by hand.
  const product = graphOf([V, V], (b, x, y) => [b.mul(b.map("sine", x), y)]);
  const right: Derivative = {
    kind: "custom_vjp",
    fwd: graphOf([V, V], (b, x, y) => [b.mul(b.map("sine", x), y), x, y]),
    bwd: graphOf([V, V, V], (b, x, y, ct) => [
      b.mul(ct, b.mul(b.map("cosine", x), y)),
      b.mul(ct, b.map("sine", x)),
    ]),
  };
  const graph = graphOf([V, V], (b, x, y) => [
    b.map(
      "tanh",
      b.one("call", [b.map("exponential", x), y], { body: product, derivative: right }),
    ),
  ]);

  test("with the right rule agrees with differences in both modes and the second order", () => {
    checkForward(graph, inputsOf(graph));
    checkReverse(graph, inputsOf(graph));
    checkSecondOrder(graph, inputsOf(graph));
  });

  test("third order agrees with that of the function itself", () => {
    const plainProduct = graphOf([V, V], (b, x, y) => [
      b.map("tanh", b.mul(b.map("sine", b.map("exponential", x)), y)),
    ]);
    const thrice = (g: Graph) => pullbackGraph(pullbackGraph(pullbackGraph(g)));
    expectClose(run(thrice(graph)), run(thrice(plainProduct)), 1e-12);
  });

  test("leaves no linear_call in forward or reverse mode", () => {
    expect(ops(jvpGraph(graph, [true, true]))).not.toContain("linear_call");
    expect(ops(vjpGraph(graph, [true, true]))).not.toContain("linear_call");
  });

  test("is taken at its word: a clipped cotangent", () => {
    const clip: Derivative = {
      kind: "custom_vjp",
      fwd: graphOf([V], (_, x) => [x]),
      bwd: graphOf([V], (b, ct) => [b.map("clamp", b.fill(V, -1), ct, b.fill(V, 1))]),
    };
    const identity = graphOf([V], (_, x) => [x]);
    const clipped = graphOf([V], (b, x) => [
      b.scale(b.one("call", [x], { body: identity, derivative: clip }), 5),
    ]);
    const [, found] = run(vjpGraph(clipped, [true]), [
      hostTensor(V, [1, 2, 3]),
      hostTensor(V, [0.1, -3, 1]),
    ]);
    expect([...found!]).toEqual([0.5, -1, 1]);
    // Forward mode would need the transpose of clipping, which is not linear.
    expect(() => jvpGraph(clipped, [true])).toThrow("clamp");
  });

  test("takes integer inputs and outputs, whose cotangents are zeros of their type", () => {
    const I: TensorType = { shape: [], dtype: "i32" };
    const inner = graphOf([I, V], (b, n, x) => [
      b.mul(b.broadcastTo(b.convert(n, "f32"), [3]), x),
      b.shift(n, 1),
    ]);
    const derivative: Derivative = {
      kind: "custom_vjp",
      fwd: graphOf([I, V], (b, n, x) => [...b.inline(inner, [n, x]), n]),
      bwd: graphOf([I, V, I], (b, n, ct) => [
        b.zeros(I),
        b.mul(b.broadcastTo(b.convert(n, "f32"), [3]), ct),
      ]),
    };
    const whole = graphOf([I, V], (b, n, x) => [
      ...b.emit("call", [n, x], { body: inner, derivative }),
    ]);
    const inputs = [hostTensor(I, [3]), hostTensor(V, [1, 2, 3])];
    const [y, count, ct] = run(vjpGraph(whole, [false, true]), [...inputs, hostTensor(V, [1])]);
    expect([[...y!], [...count!], [...ct!]]).toEqual([[3, 6, 9], [4], [3, 3, 3]]);
    checkForward(whole, inputs);
  });
});

test("linearize keeps what the derivative needs, not constants or what follows from residuals", () => {
  const graph = graphOf([V], (b, x) => [b.scale(b.map("tanh", x), 3)]);
  const { linear, numResiduals } = linearizeGraph(graph, floatInputs(graph));
  expect(numResiduals).toBe(1);
  expect(linear.inputs.length).toBe(2);
});
