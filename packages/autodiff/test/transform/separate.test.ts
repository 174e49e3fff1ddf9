import { describe, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import type { Derivative, Graph, Shape, TensorType } from "../../src/ir/types.ts";
import { jvpGraph, vjpGraph } from "../../src/transform/index.ts";
import { randomDirection } from "../support/gradient-check.ts";
import { checkForward, checkReverse, checkSecondOrder } from "./check.ts";
import { graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const I: TensorType = { shape: [], dtype: "i32" };
const V = f32(3);
const inputsOf = (graph: Graph) => randomDirection(graph.inputs, "point");

const scanOf = (body: Graph, numConsts: number, numCarry: number) => ({
  body,
  length: 3,
  numConsts,
  numCarry,
  reverse: false,
});

// x ← sin(x + i), three times, with its tangent and a counter in one loop.
const step = graphOf([I, V, V], (b, i, x, t) => {
  const moved = b.add(x, b.broadcastTo(b.convert(i, "f32"), [3]));
  return [b.shift(i, 1), b.map("sine", moved), b.mul(b.map("cosine", moved), t), x];
});
const rule = graphOf([V, V], (b, x, t) => {
  const [, y, dy] = b.emit("scan", [b.zeros(I), x, t], scanOf(step, 0, 3));
  return [y!, dy!];
});
const body = graphOf([V], (b, x) => {
  const primal = graphOf([I, V], (c, i, v) => {
    const [next, y] = c.inline(step, [i, v, c.zeros(V)]);
    return [next!, y!];
  });
  return [b.emit("scan", [b.zeros(I), x], scanOf(primal, 0, 2))[1]!];
});
const withRule = (derivative: Derivative, inner = body): Graph =>
  graphOf([V], (b, x) => [b.mul(x, b.one("call", [x], { body: inner, derivative }))]);

// A rule that somebody wrote may compute values and tangents in one loop or call; reverse mode must
// take these apart. Oracles: central differences, and each mode against the other.
describe("custom_jvp rules that compute values beside tangents", () => {
  test.each([
    ["in a loop", rule],
    [
      "in a checkpointed call",
      graphOf([V, V], (b, x, t) => [
        ...b.emit("call", [x, t], { body: rule, derivative: { kind: "checkpoint" } }),
      ]),
    ],
    [
      "in a loop inside a call",
      graphOf([V, V], (b, x, t) => [
        ...b.emit("call", [x, t], { body: rule, derivative: { kind: "inline" } }),
      ]),
    ],
  ])("%s", (_, jvp) => {
    const graph = withRule({ kind: "custom_jvp", jvp });
    checkForward(graph, inputsOf(graph));
    checkReverse(graph, inputsOf(graph));
    checkSecondOrder(graph, inputsOf(graph));
  });

  test("a loop that adds a value to its tangent is not linear", () => {
    const affine = graphOf([V, V], (b, x, t) => {
      const inner = graphOf([V, V], (c, v, s) => [v, c.add(s, v)]);
      const [y, dy] = b.emit("scan", [x, t], scanOf(inner, 0, 2));
      return [y!, dy!];
    });
    expect(() => vjpGraph(withRule({ kind: "custom_jvp", jvp: affine }), [true])).toThrow(
      "not linear",
    );
    const offset = graphOf([V, V], (b, x, t) => {
      const inner = graphOf([V, V], (c, s, d) => [c.add(s, d)]);
      return [x, b.one("scan", [t, x], scanOf(inner, 1, 1))];
    });
    expect(() => vjpGraph(withRule({ kind: "custom_jvp", jvp: offset }), [true])).toThrow(
      "not zero",
    );
  });
});

test("forward mode through a custom_vjp whose backward pass counts in a loop", () => {
  // y = 8 x with a cotangent that is doubled three times.
  const triple = graphOf([V], (b, x) => [b.scale(x, 8)]);
  const bwd = graphOf([V], (b, ct) => {
    const inner = graphOf([I, V], (c, i, v) => [c.shift(i, 1), c.scale(v, 2), i]);
    return [b.emit("scan", [b.zeros(I), ct], scanOf(inner, 0, 2))[1]!];
  });
  const graph = withRule({ kind: "custom_vjp", fwd: triple, bwd }, triple);
  checkForward(graph, inputsOf(graph));
  checkReverse(graph, inputsOf(graph));
});

test("in a loop, outputs of a custom_jvp rule that get no tangent have none", () => {
  const both = graphOf([V, V], (b, x, y) => [b.map("sine", x), b.map("sine", y)]);
  const jvp = graphOf([V, V, V, V], (b, x, y, dx, dy) => [
    ...b.inline(both, [x, y]),
    b.mul(b.map("cosine", x), dx),
    b.mul(b.map("cosine", y), dy),
  ]);
  const graph = graphOf([V, V], (b, x, y) => {
    const inner = graphOf([V, V], (c, u, v) => [
      ...c.emit("call", [u, v], { body: both, derivative: { kind: "custom_jvp", jvp } }),
    ]);
    return [...b.emit("scan", [x, b.map("stop_gradient", y)], scanOf(inner, 0, 2))];
  });
  checkReverse(graph, inputsOf(graph));
  expect(() => jvpGraph(graph, [true, false])).not.toThrow();
});

test("in a loop, a custom_vjp that has no forward mode still has a reverse mode", () => {
  const identity = graphOf([V], (_, x) => [x]);
  const bwd = graphOf([V], (b, ct) => [b.map("clamp", b.fill(V, -1), ct, b.fill(V, 1))]);
  const clip: Derivative = { kind: "custom_vjp", fwd: identity, bwd };
  const graph = graphOf([V], (b, x) => {
    const inner = graphOf([V], (c, v) => [
      c.scale(c.one("call", [v], { body: identity, derivative: clip }), 2),
    ]);
    return [...b.emit("scan", [x], scanOf(inner, 0, 1))];
  });
  const [, ct] = evaluateGraph(vjpGraph(graph, [true]), [
    hostTensor(V, [1, 2, 3]),
    hostTensor(V, [0.1, 0.2, 1]),
  ]);
  // 0.1 → 0.2 → 0.4 → 0.8; 0.2 → 0.4 → 0.8 → clip 1.6; always clip 2.
  expect([...ct!.data]).toEqual([0.8, 1, 1]);
});
