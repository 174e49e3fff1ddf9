// Oracle: derivatives in closed form, for the tools that other tests take as theirs.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hostTensor } from "../../src/host/index.ts";
import { buildGraph } from "../../src/ir/builder.ts";
import { infer } from "../../src/ir/infer.ts";
import type { OpName } from "../../src/ir/types.ts";
import { largestError, numericalJvp, numericalVjp } from "./gradient-check.ts";
import { allCases, sampleInputs } from "./op-cases.ts";
import { randomGraphs } from "./random-graphs.ts";

const VECTOR = { shape: [3], dtype: "f32" } as const;

test("difference quotients are good to eleven digits", () => {
  // f(x) = exp(x) sin(x), f′(x) = exp(x) (sin x + cos x)
  const graph = buildGraph([VECTOR], (b, [x]) => [
    b.mul(b.map("exponential", x!), b.map("sine", x!)),
  ]);
  const point = [-1, 0.3, 1.2];
  const slope = point.map((x) => Math.exp(x) * (Math.sin(x) + Math.cos(x)));
  const ones = [hostTensor(VECTOR, [1])];
  const wanted = [hostTensor(VECTOR, slope)];
  const x = [hostTensor(VECTOR, point)];
  // h⁴ f⁽⁵⁾/480 + 1e-15/h at h = 2e-3.
  expect(largestError(numericalJvp(graph, x, ones), wanted)).toBeLessThan(1e-11);
  expect(largestError(numericalVjp(graph, x, ones), wanted)).toBeLessThan(1e-11);
});

test("NaN is no small error", () => {
  const nan = [hostTensor(VECTOR, [Number.NaN])];
  expect(largestError(nan, [hostTensor(VECTOR, [0])])).toBe(Number.POSITIVE_INFINITY);
});

test("samples are the same every time and differ between seeds", () => {
  for (const c of allCases) {
    expect(sampleInputs(c)).toEqual(sampleInputs(c));
  }
  const c = allCases.find(({ title }) => title === "add: matrices")!;
  expect(sampleInputs(c, 1)).not.toEqual(sampleInputs(c, 2));
});

test("titles of cases are unique, and every operation has cases", () => {
  expect(new Set(allCases.map((c) => c.title)).size).toBe(allCases.length);
  expect(new Set(allCases.map((c) => c.op))).toEqual(new Set(Object.keys(infer)));
});

test("random graphs reach every operation they can", () => {
  const seen = new Set<OpName>();
  for (const { graph } of fc.sample(randomGraphs({ smoothness: "any" }), {
    numRuns: 500,
    seed: 1,
  })) {
    for (const node of graph.nodes) seen.add(node.op);
  }
  expect(seen.size).toBeGreaterThan(55);
});
