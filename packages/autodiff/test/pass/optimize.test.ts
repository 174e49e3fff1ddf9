import { expect, test } from "vitest";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { type Builder, buildGraph } from "../../src/ir/builder.ts";
import type { Graph, Shape, TensorType, Value } from "../../src/ir/types.ts";
import { lastUses, optimize, peakBytes } from "../../src/pass/index.ts";
import { vjpGraph } from "../../src/transform/index.ts";
import { largestError } from "../support/gradient-check.ts";
import { allCases, caseGraph, sampleInputs } from "../support/op-cases.ts";

const f32 = (...shape: number[]): TensorType => ({ shape, dtype: "f32" });
const build = (
  types: readonly TensorType[],
  body: (b: Builder, ...inputs: Value[]) => Value | readonly Value[],
): Graph => buildGraph(types, (b, inputs) => [body(b, ...inputs)].flat());
const ops = (graph: Graph): string[] => graph.nodes.map((node) => node.op);
const optimizedOps = (
  types: readonly TensorType[],
  body: (b: Builder, ...inputs: Value[]) => Value | readonly Value[],
): string[] => ops(optimize(build(types, body)));

const wrongAt = (actual: readonly HostTensor[], wanted: readonly HostTensor[]): number =>
  wanted.reduce(
    (count, { data }, n) =>
      count +
      data.filter((x, i) => {
        const y = actual[n]!.data[i]!;
        const close = Math.abs(x - y) <= 1e-6 * Math.max(1, Math.abs(x));
        return !(close || x === y || (Number.isNaN(x) && Number.isNaN(y)));
      }).length,
    0,
  );

// Oracle: the same graph before the passes, evaluated on the host in float64. Passes that reorder no
// sum change nothing but the sign of zero; folding rounds constants to f32, hence the tolerance.
test.each(allCases.map((c) => [c.title, c] as const))("keeps the results of %s", (_, c) => {
  const graph = caseGraph(c);
  const inputs = sampleInputs(c);
  const before = evaluateGraph(graph, inputs);
  expect(wrongAt(evaluateGraph(optimize(graph), inputs), before)).toBe(0);
});

// Reverse mode is refused for while and its like, which the table marks; anything else must not throw.
const smooth = allCases.filter(
  (c) => c.gradient === "both" && c.operands.some(({ type }) => type.dtype === "f32"),
);
test.each(smooth.map((c) => [c.title, c] as const))("keeps the gradients of %s", (_, c) => {
  const primal = caseGraph(c);
  const wrt = primal.inputs.map((v) => v.type.dtype === "f32");
  const graph = vjpGraph(primal, wrt);
  const inputs = graph.inputs.map(
    (v, i) => sampleInputs(c)[i] ?? hostTensor(v.type, [v.type.dtype === "f32" ? 0.7 : 1]),
  );
  const before = evaluateGraph(graph, inputs);
  expect(wrongAt(evaluateGraph(optimize(graph), inputs), before)).toBe(0);
});

test("removes what nobody uses, also in bodies", () => {
  const body = build([f32(2)], (b, x) => {
    b.map("exponential", x);
    return b.neg(x);
  });
  const graph = build([f32(2)], (b, x) => {
    b.map("log", x);
    return b.emit("call", [x], { body, derivative: { kind: "checkpoint" } });
  });
  const [call] = optimize(graph).nodes;
  expect(ops(optimize(graph))).toEqual(["call"]);
  expect(call?.op === "call" && ops(call.attrs.body)).toEqual(["negate"]);
});

test("merges equal computations but not different constants", () => {
  const [x] = [f32(3)];
  expect(optimizedOps([x], (b, v) => b.add(b.map("sine", v), b.map("sine", v)))).toEqual([
    "sine",
    "add",
  ]);
  const zeros = optimize(
    build([x], (b, v) => [
      b.div(v, b.fill(v.type, 0)),
      b.div(v, b.fill(v.type, -0)),
      b.map("maximum", v, b.fill(v.type, Number.NaN)),
    ]),
  );
  expect(ops(zeros).filter((op) => op === "constant")).toHaveLength(3);
});

test("folds constants; splats of any size cost one element", () => {
  const graph = build([], (b) => {
    const big = b.fill(f32(1000, 1000), 3);
    return b.mul(b.add(big, big), b.broadcastTo(b.map("sqrt", b.fill(f32(), 4)), [1000, 1000]));
  });
  const optimized = optimize(graph);
  expect(ops(optimized)).toEqual(["constant"]);
  const [node] = optimized.nodes;
  expect(node?.op === "constant" && [...node.attrs.data]).toEqual([12]);
});

test("algebra: x·1, x + 0, x − 0, x / 1, x¹, −−x, identity moves", () => {
  const x = f32(2, 3);
  const one = (b: Builder, v: Value) => b.fill(v.type, 1);
  const zero = (b: Builder, v: Value) => b.fill(v.type, 0);
  expect(optimizedOps([x], (b, v) => b.mul(one(b, v), v))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.add(v, zero(b, v)))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.sub(v, zero(b, v)))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.div(v, one(b, v)))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.map("power", v, one(b, v)))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.neg(b.neg(v)))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.reshape(b.reshape(v, [6]), [2, 3]))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.transpose(b.transpose(v, [1, 0]), [1, 0]))).toEqual([]);
  expect(optimizedOps([x], (b, v) => b.reduce(b.reduce(v, "add", [1]), "add", [0]))).toEqual([
    "reduce",
  ]);
  // Not algebra for floats: 0·x is NaN for infinite x.
  expect(optimizedOps([x], (b, v) => b.mul(v, zero(b, v)))).toContain("multiply");
});

const product = (lhs: number, rhs: number) => ({
  lhsBatch: [],
  rhsBatch: [],
  lhsContracting: [lhs],
  rhsContracting: [rhs],
});
const matrix = (shape: Shape) => {
  const size = shape.reduce((n, d) => n * d, 1);
  return hostTensor(
    f32(...shape),
    Array.from({ length: size }, (_, i) => Math.sin(i + shape[0]!)),
  );
};

test("products read transposed operands in place, and a transposed product swaps them", () => {
  const graph = build([f32(4, 2), f32(3, 4)], (b, x, y) =>
    b.transpose(b.dot(b.transpose(x, [1, 0]), b.transpose(y, [1, 0]), product(1, 0)), [1, 0]),
  );
  const optimized = optimize(graph);
  expect(ops(optimized)).toEqual(["dot_general"]);
  const inputs = [matrix([4, 2]), matrix([3, 4])];
  expect(largestError(evaluateGraph(optimized, inputs), evaluateGraph(graph, inputs))).toBeLessThan(
    1e-12,
  );
});

test("a transposition that reorders free axes stays", () => {
  const x = f32(2, 3, 4);
  const graph = build([x, f32(4, 5)], (b, v, w) =>
    b.dot(b.transpose(v, [1, 0, 2]), w, product(2, 0)),
  );
  expect(ops(optimize(graph))).toEqual(["transpose", "dot_general"]);
});

test("inlines calls, keeps checkpoints", () => {
  const body = build([f32()], (b, x) => b.map("sine", x));
  const call = (kind: "inline" | "checkpoint") =>
    optimizedOps([f32()], (b, x) => b.emit("call", [x], { body, derivative: { kind } }));
  expect(call("inline")).toEqual(["sine"]);
  expect(call("checkpoint")).toEqual(["call"]);
});

test("optimizing twice changes nothing more", () => {
  for (const c of allCases) {
    const once = optimize(caseGraph(c));
    expect(ops(optimize(once)), c.title).toEqual(ops(once));
  }
});

test("liveness: values die after their last use, and the peak follows", () => {
  // x → a → b → c, 4 bytes · 10 each: two alive at a time.
  const chain = build([f32(10)], (b, x) => b.map("sine", b.map("sine", b.map("sine", x))));
  expect(lastUses(chain).map((dying) => dying.length)).toEqual([1, 1, 1]);
  expect(peakBytes(chain)).toBe(80);
  const kept = build([f32(10)], (b, x) => {
    const a = b.map("sine", x);
    return b.add(a, b.map("sine", b.map("sine", a)));
  });
  expect(peakBytes(kept)).toBe(120);
});

test("constants are rounded to their dtype before they are folded", () => {
  const folded = (body: (b: Builder) => Value) => {
    const [node] = optimize(build([], body)).nodes;
    return node?.op === "constant" ? node.attrs.data[0] : undefined;
  };
  // As float32 the first is 1 and the second infinite.
  expect(folded((b) => b.map("floor", b.fill(f32(), 0.9999999999)))).toBe(1);
  expect(folded((b) => b.scale(b.fill(f32(), 1e39), 1e-10))).toBe(Number.POSITIVE_INFINITY);
});

test("big constants that are no splats are not folded", () => {
  expect(optimizedOps([], (b) => b.reduce(b.iota(f32(5000), 0), "add", [0]))).toContain("reduce");
  expect(optimizedOps([], (b) => b.reduce(b.fill(f32(4000, 4000), 1), "add", [0, 1]))).toContain(
    "reduce",
  );
});

test("what is needed anyway is not computed a second way", () => {
  const square = f32(3, 3);
  const both = optimizedOps([square, square], (b, x, y) => {
    const p = b.dot(x, y, product(1, 0));
    return [p, b.transpose(p, [1, 0])];
  });
  expect(both).toEqual(["dot_general", "transpose"]);
  const sums = optimize(
    build([square], (b, x) => {
      const rows = b.reduce(x, "add", [1]);
      return [rows, b.reduce(rows, "add", [0])];
    }),
  );
  expect(sums.nodes.map((node) => node.op === "reduce" && node.attrs.dimensions)).toEqual([
    [1],
    [0],
  ]);
});
