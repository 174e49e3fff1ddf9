// Which nodes may share a loop, where it is easy to get wrong. The oracle is the host's evaluation in float64.
import { Builder, evaluateGraph, hostTensor, type Value } from "@layerwise/autodiff/executor";
import { expect, test } from "vitest";
import { runGraph } from "./run.ts";

test("loops do not wait for each other in a circle when one of them has nodes on both sides of another", () => {
  const row = { shape: [3], dtype: "f32" } as const;
  const b = new Builder();
  const turned = (v: Value): Value => b.one("reverse", [v], { dimensions: [0] });
  const [p, q] = [b.input(row), b.input(row)];
  // The first loop has x, later also z; the second has `between`; the third has y. The last node may
  // not join the third, on which z depends, since it needs the second, which needs the first.
  const x = b.map("exponential", p);
  const between = b.map("tanh", turned(x));
  const y = b.map("sine", q);
  const z = b.add(x, turned(y));
  const graph = b.finish([z, b.mul(y, between)]);
  const inputs = [hostTensor(row, [0.1, 0.2, 0.5]), hostTensor(row, [1, 2, 0.3])];
  const [first, second] = runGraph(graph, inputs);
  expect(second).toEqual(first);
  evaluateGraph(graph, inputs).forEach(({ data }, i) => {
    // Single precision.
    data.forEach((value, j) => {
      expect(Math.abs(first![i]![j]! - value)).toBeLessThan(1e-6);
    });
  });
});
