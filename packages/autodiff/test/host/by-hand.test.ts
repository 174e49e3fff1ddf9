// Oracle: results worked out by hand, for what the table of cases against JAX cannot say.
import { expect, test } from "vitest";
import { evaluateGraph, evaluateNode, hostTensor, threefry2x32 } from "../../src/host/index.ts";
import { buildGraph } from "../../src/ir/builder.ts";
import type { DType, Shape, TensorType } from "../../src/ir/types.ts";
import { caseGraph, caseOf, sampleInputs } from "../support/op-cases.ts";

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;
const f32 = (...shape: number[]): TensorType => ({ shape, dtype: "f32" });
const tensor = (dtype: DType, shape: Shape, ...values: number[]) =>
  hostTensor({ shape, dtype }, values);
const pairs = { dimensions: [2], strides: [1], padding: [[0, 0]] } as const;

test("threefry2x32 gives the known answers of Random123", () => {
  const ones = 0xffffffff;
  expect(threefry2x32(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
  expect(threefry2x32(ones, ones, ones, ones)).toEqual([0x1cb996fc, 0xbb002be7]);
  expect(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([
    0xc4923a9c, 0x483df7a0,
  ]);
});

test("NaN is the maximum of its window, and the first NaN is chosen", () => {
  const x = tensor("f32", [5], 1, NAN, 2, NAN, NAN);
  const values = tensor("f32", [5], 10, 20, 30, 40, 50);
  const [taken] = evaluateNode("select_and_gather", [x, values], pairs);
  expect([...taken!.data]).toEqual([20, 20, 40, 40]);
  const source = tensor("f32", [4], 1, 2, 4, 8);
  const [added] = evaluateNode("select_and_scatter", [x, source], pairs);
  expect([...added!.data]).toEqual([0, 3, 0, 12, 0]);
});

test("a scalar has one window with one element", () => {
  const none = { dimensions: [], strides: [], padding: [] };
  const [x, y] = [tensor("f32", [], 3), tensor("f32", [], 7)];
  expect([...evaluateNode("select_and_scatter", [x, y], none)[0]!.data]).toEqual([7]);
  expect([...evaluateNode("select_and_gather", [x, y], none)[0]!.data]).toEqual([7]);
});

test("a scan of no steps returns its carry and no rows", () => {
  const c = caseOf("scan: no steps");
  const inputs = sampleInputs(c);
  const [carry, rows] = evaluateGraph(caseGraph(c), inputs);
  expect([...carry!.data]).toEqual([...inputs[1]!.data]);
  expect(rows).toEqual(tensor("f32", [0, 2]));
});

test("floats stay doubles unless told to round", () => {
  const third = buildGraph([f32()], (b, [x]) => [b.div(x!, b.fill(f32(), 3))]);
  const one = [tensor("f32", [], 1)];
  expect(evaluateGraph(third, one)[0]!.data[0]).toBe(1 / 3);
  expect(evaluateGraph(third, one, { round: "f32" })[0]!.data[0]).toBe(Math.fround(1 / 3));
});

test("rounding reaches the bodies of loops", () => {
  const add = buildGraph([f32(), f32()], (b, [sum, x]) => [b.add(sum!, x!)]);
  const attrs = { body: add, length: 2, numConsts: 0, numCarry: 1, reverse: false };
  const inputs = [tensor("f32", [], 2 ** 24), tensor("f32", [2], 1)];
  // In f32, 2²⁴ + 1 falls back to 2²⁴ each time.
  expect(evaluateNode("scan", inputs, attrs)[0]!.data[0]).toBe(2 ** 24 + 2);
  expect(evaluateNode("scan", inputs, attrs, { round: "f32" })[0]!.data[0]).toBe(2 ** 24);
});

test("half precision rounds to even, overflows at 65520 and underflows gradually", () => {
  const given = [
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    65519,
    65520,
    2 ** -25,
    3 * 2 ** -25,
    -0,
    NAN,
    -INF,
  ];
  const [x] = evaluateNode(
    "convert",
    [tensor("f32", [9], ...given)],
    { dtype: "f16" },
    { round: "f32" },
  );
  expect([...x!.data]).toEqual([1, 1 + 2 ** -9, 65504, INF, 0, 2 ** -23, -0, NAN, -INF]);
});

test("linear_call is evaluated from its transpose alone", () => {
  // transposed: c ↦ (c₀ + c₁, 2 c₁), so the call is (t₀, t₁) ↦ (t₀, t₀ + 2 t₁).
  const transposed = buildGraph([f32(2)], (b, [c]) => {
    const [c0, c1] = [b.slice(c!, [0], [1]), b.slice(c!, [1], [2])];
    return [b.add(c0, c1), b.scale(c1, 2)];
  });
  const tangents = [tensor("f32", [1], 5), tensor("f32", [1], 7)];
  const [y] = evaluateNode("linear_call", tangents, { numResiduals: 0, transposed });
  expect([...y!.data]).toEqual([5, 19]);
});

test("errors name what was wanted and given", () => {
  const graph = buildGraph([f32(2)], (b, [x]) => [b.neg(x!)]);
  expect(() => evaluateGraph(graph, [tensor("f32", [3], 0)])).toThrow(
    "evaluateGraph: expected (f32[2]), got (f32[3])",
  );
  expect(() => hostTensor(f32(2), [1, 2, 3])).toThrow("hostTensor: 3 elements for shape [2]");
});
