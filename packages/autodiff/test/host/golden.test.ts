// Oracle: JAX, NumPy and SciPy in double precision; golden.py says how the numbers were made.
import { expect, test } from "vitest";
import { evaluateGraph } from "../../src/host/index.ts";
import { at, isFloat } from "../../src/ir/shape.ts";
import { allCases, caseGraph, sampleInputs } from "../support/op-cases.ts";
import golden from "./fixtures/golden.json" with { type: "json" };

type Results = readonly (readonly (number | string)[])[];
const expected = golden as unknown as Readonly<Record<string, Results>>;

// JAX does not compute these; by-hand.test.ts does.
const LEFT_OUT: ReadonlySet<string> = new Set([
  "select_and_scatter: NaN",
  "select_and_gather: NaN",
  "select_and_scatter: scalar",
  "select_and_gather: scalar",
  "scan: no steps",
]);

test("there is a result from JAX for every case", () => {
  const missing = allCases.map((c) => c.title).filter((title) => !(title in expected));
  expect(new Set(missing)).toEqual(LEFT_OUT);
});

// Sums in another order and libm's last digits: 1e-14 is 45 ulp. Where a sum may cancel, the error
// is relative to the largest element instead.
const close = (actual: number, wanted: number, scale: number): boolean =>
  Object.is(actual, wanted) ||
  (actual !== wanted && Math.abs(actual - wanted) <= 1e-14 * Math.max(Math.abs(wanted), scale));

const SUMS: ReadonlySet<string> = new Set([
  "reduce",
  "cumulative",
  "dot_general",
  "convolution",
  "reduce_window",
  "linear_call",
  "scan",
]);

test.each(allCases.filter((c) => !LEFT_OUT.has(c.title)))("$title", (c) => {
  const outputs = evaluateGraph(caseGraph(c), sampleInputs(c));
  const results = expected[c.title] ?? [];
  expect(outputs.length).toBe(results.length);
  outputs.forEach(({ type, data }, n) => {
    const wanted = at(results, n).map(Number);
    expect(data.length).toBe(wanted.length);
    const sizes = wanted.map(Math.abs).filter(Number.isFinite);
    const scale = SUMS.has(c.op) ? Math.max(0, ...sizes) : 0;
    data.forEach((x, i) => {
      const same = isFloat(type.dtype) ? close(x, at(wanted, i), scale) : x === at(wanted, i);
      expect(same, `result ${n}, element ${i}: ${x}, from JAX ${wanted[i]}`).toBe(true);
    });
  });
});
