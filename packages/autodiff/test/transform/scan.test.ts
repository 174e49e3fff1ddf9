import { describe, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import type { Builder } from "../../src/ir/builder.ts";
import type { Graph, Node, OpAttrs, Shape, TensorType, Value } from "../../src/ir/types.ts";
import { jvpGraph, vjpGraph } from "../../src/transform/index.ts";
import { randomDirection } from "../support/gradient-check.ts";
import {
  checkForward,
  checkReverse,
  checkSecondOrder,
  expectClose,
  pullbackGraph,
} from "./check.ts";
import { dropOutputs, floatInputs, graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const I: TensorType = { shape: [], dtype: "i32" };
const H = f32(3);

/** The same loop as a row of copies of its body. */
const unroll = (b: Builder, inputs: readonly Value[], attrs: OpAttrs["scan"]): Value[] => {
  const { numConsts, numCarry, length, reverse, body } = attrs;
  const consts = inputs.slice(0, numConsts);
  const xs = inputs.slice(numConsts + numCarry);
  let carry = inputs.slice(numConsts, numConsts + numCarry);
  const rows: Value[][] = Array.from({ length }, () => []);
  for (let k = 0; k < length; k++) {
    const i = reverse ? length - 1 - k : k;
    const slices = xs.map((x) => {
      const { shape } = x.type;
      const start = shape.map((_, axis) => (axis === 0 ? i : 0));
      const limit = shape.map((d, axis) => (axis === 0 ? i + 1 : d));
      return b.reshape(b.slice(x, start, limit), shape.slice(1));
    });
    const out = b.inline(body, [...consts, ...carry, ...slices]);
    carry = out.slice(0, numCarry);
    rows[i] = out.slice(numCarry);
  }
  const ys = rows[0]!.map((_, j) =>
    b.concatenate(
      rows.map((row) => b.reshape(row[j]!, [1, ...row[j]!.type.shape])),
      0,
    ),
  );
  return [...carry, ...ys];
};

const looped = (types: readonly TensorType[], attrs: OpAttrs["scan"]): Graph =>
  graphOf(types, (b, ...xs) => [...b.emit("scan", xs, attrs)]);
const unrolled = (types: readonly TensorType[], attrs: OpAttrs["scan"]): Graph =>
  graphOf(types, (b, ...xs) => unroll(b, xs, attrs));

const matvec = (b: Builder, w: Value, h: Value): Value =>
  b.dot(w, h, { lhsBatch: [], rhsBatch: [], lhsContracting: [1], rhsContracting: [0] });

// An Elman cell: h ← tanh(W h + x), out: sin h.
const cell = graphOf([f32(3, 3), H, H], (b, w, h, x) => {
  const next = b.map("tanh", b.add(matvec(b, w, h), x));
  return [next, b.map("sine", next)];
});

const scanOf = (
  body: Graph,
  length: number,
  numConsts: number,
  numCarry: number,
  reverse = false,
) => ({
  body,
  length,
  numConsts,
  numCarry,
  reverse,
});

// (scale | i, a, b; x): a counter, two carries of which one starts without a tangent, a const.
const mixed = graphOf([f32(), I, H, H, H], (b, s, i, u, v, x) => {
  const wide = b.broadcastTo(s, [3]);
  const step = b.broadcastTo(b.convert(i, "f32"), [3]);
  const next = b.map("sine", b.add(b.mul(wide, u), b.mul(step, x)));
  return [b.shift(i, 1), next, b.add(v, b.mul(next, x)), b.mul(next, v), i];
});

// A loop around a loop: each row is folded with the cell, which is fed its own result.
const outer = graphOf([f32(3, 3), H, f32(2, 3)], (b, w, h, rows) => {
  const [last, all] = b.emit("scan", [w, h, rows], scanOf(cell, 2, 1, 1));
  return [b.mul(last!, h), b.reduce(all!, "add", [0])];
});

const cases: readonly (readonly [string, readonly TensorType[], OpAttrs["scan"]])[] = [
  ["a recurrent network", [f32(3, 3), H, f32(4, 3)], scanOf(cell, 4, 1, 1)],
  ["the same backwards", [f32(3, 3), H, f32(4, 3)], scanOf(cell, 4, 1, 1, true)],
  ["integers beside floats", [f32(), I, H, H, f32(4, 3)], scanOf(mixed, 4, 1, 3)],
  ["a loop in a loop", [f32(3, 3), H, f32(3, 2, 3)], scanOf(outer, 3, 1, 1)],
  ["one round", [f32(3, 3), H, f32(1, 3)], scanOf(cell, 1, 1, 1)],
];

const inputsOf = (graph: Graph) => {
  const floats = randomDirection(graph.inputs, "point");
  let next = 0;
  return graph.inputs.map((v) =>
    v.type.dtype === "i32" ? hostTensor(v.type, [2]) : floats[next++]!,
  );
};
const run = (graph: Graph, inputs = inputsOf(graph)) =>
  evaluateGraph(graph, inputs).map((y) => y.data);

const scans = (graph: Graph) =>
  graph.nodes.filter((node): node is Extract<Node, { op: "scan" }> => node.op === "scan");

describe.each(cases)("%s", (_, types, attrs) => {
  const [loop, rows] = [looped(types, attrs), unrolled(types, attrs)];
  const inputs = inputsOf(loop);

  test("agrees with central differences and with itself in all modes, twice", () => {
    checkForward(loop, inputs);
    checkReverse(loop, inputs);
    checkSecondOrder(loop, inputs);
  });

  test("has the derivatives of the unrolled loop", () => {
    const forward = (g: Graph) => jvpGraph(g, floatInputs(g));
    expectClose(run(forward(loop)), run(forward(rows)), 1e-13);
    expectClose(run(pullbackGraph(loop)), run(pullbackGraph(rows)), 1e-13);
    const twice = (g: Graph) => pullbackGraph(pullbackGraph(g));
    expectClose(run(twice(loop)), run(twice(rows)), 1e-12);
    const across = (g: Graph) => pullbackGraph(dropOutputs(forward(g), g.outputs.length));
    expectClose(run(across(loop)), run(across(rows)), 1e-12);
  });
});

describe("the graphs that loops become", () => {
  const loop = looped([f32(3, 3), H, f32(4, 3)], scanOf(cell, 4, 1, 1));

  test("forward mode is one loop that stores nothing", () => {
    const [only, ...others] = scans(jvpGraph(loop, [true, true, true]));
    expect(others).toEqual([]);
    expect(only!.outputs.length).toBe(4);
  });

  test("reverse mode stores the two carries it needs, not W or x", () => {
    const [forward, backward, ...others] = scans(vjpGraph(loop, [true, true, true]));
    expect(others).toEqual([]);
    // carry, ys; residuals: h before (for W's cotangent) and tanh.
    expect(forward!.outputs.length).toBe(4);
    expect(backward!.attrs.reverse).toBe(true);
    // The cotangents of h and W are carried.
    expect(backward!.attrs.numCarry).toBe(2);
  });

  test("without a cotangent wanted for W it is not carried", () => {
    const [, backward] = scans(vjpGraph(loop, [false, true, true]));
    expect(backward!.attrs.numCarry).toBe(1);
  });

  test("no rounds: the carry passes through", () => {
    const empty = looped([f32(3, 3), H, f32(0, 3)], scanOf(cell, 0, 1, 1));
    const [w, h, xs] = inputsOf(empty);
    const [, , gw, gh] = run(vjpGraph(empty, [true, true, true]), [
      w!,
      h!,
      xs!,
      hostTensor(H, [1, 2, 3]),
      hostTensor(f32(0, 3), []),
    ]);
    expect([...gw!].every((v) => v === 0)).toBe(true);
    expect([...gh!]).toEqual([1, 2, 3]);
  });
});

describe("rules inside a loop", () => {
  const body = graphOf([H, H], (b, w, h) => [b.map("sine", b.mul(w, h))]);
  const custom = graphOf([H, H], (b, w, h) => [
    b.one("call", [w, h], {
      body,
      derivative: {
        kind: "custom_vjp",
        fwd: graphOf([H, H], (c, x, y) => [...c.inline(body, [x, y]), x, y]),
        bwd: graphOf([H, H, H], (c, x, y, ct) => {
          const slope = c.mul(ct, c.map("cosine", c.mul(x, y)));
          return [c.mul(slope, y), c.mul(slope, x)];
        }),
      },
    }),
  ]);
  const checkpointed = graphOf([H, H], (b, w, h) => [
    b.one("call", [w, h], { body, derivative: { kind: "checkpoint" } }),
  ]);

  test.each([
    ["custom_vjp", custom],
    ["checkpoint", checkpointed],
  ])("%s", (_, inner) => {
    const plain = looped([H, H], scanOf(body, 3, 1, 1));
    const loop = looped([H, H], scanOf(inner, 3, 1, 1));
    checkForward(loop, inputsOf(loop));
    checkReverse(loop, inputsOf(loop));
    checkSecondOrder(loop, inputsOf(loop));
    expectClose(run(pullbackGraph(loop)), run(pullbackGraph(plain)), 1e-14);
  });

  test("a checkpointed body stores only what goes in", () => {
    const loop = looped([H, H], scanOf(checkpointed, 3, 1, 1));
    const [forward] = scans(vjpGraph(loop, [true, true]));
    expect(forward!.outputs.length).toBe(2);
  });
});
