// Random graphs, whole, against the host's evaluation in float64. Failures shrink to few operations.
import { evaluateGraph, isFloat, optimize } from "@layerwise/autodiff/executor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type RandomGraph, randomGraphs } from "../support/autodiff.ts";
import { runGraph } from "./run.ts";

// LAYERWISE_FUZZ=10000 draws as many graphs of each kind, with new seeds.
const wanted = Number(globalThis.process?.env?.LAYERWISE_FUZZ ?? 0);
const settings = wanted > 0 ? { numRuns: wanted } : { numRuns: 3400, seed: 20261125 };

/** What single precision does to a graph: rounding on the way, seen by evaluating with it. */
const check = ({ graph, inputs }: RandomGraph, optimized: boolean): void => {
  const exact = evaluateGraph(graph, inputs);
  const rounded = evaluateGraph(graph, inputs, { round: "f32" });
  const [first, second] = runGraph(optimized ? optimize(graph) : graph, inputs);
  expect(second).toEqual(first);
  exact.forEach(({ type, data }, i) => {
    const got = first![i]!;
    data.forEach((y, j) => {
      const x = got[j]!;
      if (Object.is(x, y) || x === y) return;
      if (!isFloat(type.dtype)) throw new Error(`result ${i}[${j}]: ${x} instead of ${y}`);
      const noise = 20 * Math.abs(rounded[i]!.data[j]! - y);
      if (!(Math.abs(x - y) <= 1e-4 + 2e-5 * Math.abs(y) + noise)) {
        throw new Error(`result ${i}[${j}]: ${x} instead of ${y}`);
      }
    });
  });
};

test("smooth graphs", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(randomGraphs({ maxSteps: 12 }), (drawn) => check(drawn, false)),
    settings,
  );
});

test("optimized smooth graphs", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(randomGraphs({ maxSteps: 16 }), (drawn) => check(drawn, true)),
    settings,
  );
});

test("graphs of any operation", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(randomGraphs({ smoothness: "any", maxSteps: 12 }), (drawn) => check(drawn, false)),
    settings,
  );
});
