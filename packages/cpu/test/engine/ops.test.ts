// Every operation of the IR, on concrete cases, against the host's evaluation in float64.
import { evaluateNode, isFloat } from "@layerwise/autodiff/executor";
import { expect, test } from "vitest";
import { type AnyCase, allCases, caseGraph, sampleInputs } from "../support/autodiff.ts";
import { runGraph } from "./run.ts";

interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

// Single precision: rounding of operands and sums, for values of the size of one.
const toleranceOf = (_: AnyCase): Tolerance => ({ absolute: 1e-5, relative: 1e-5 });

const differences = (
  got: readonly number[],
  wanted: ArrayLike<number>,
  { absolute, relative }: Tolerance,
): string[] =>
  got.flatMap((x, i) => {
    const y = wanted[i]!;
    const same = Object.is(x, y) || x === y || Object.is(x, Math.fround(y));
    const near = Math.abs(x - y) <= absolute + relative * Math.abs(y);
    return same || near ? [] : [`[${i}]: ${x} instead of ${y}`];
  });

for (const c of allCases) {
  test(c.title, () => {
    const inputs = sampleInputs(c);
    const wanted = evaluateNode(c.op, inputs, c.attrs as never);
    const [first, second] = runGraph(caseGraph(c), inputs);
    expect(second, "the second run").toEqual(first);
    wanted.forEach(({ type, data }, i) => {
      const allowed = isFloat(type.dtype) ? toleranceOf(c) : { absolute: 0, relative: 0 };
      expect(first![i]!.length).toBe(data.length);
      expect(differences(first![i]!, data, allowed), `result ${i}`).toEqual([]);
    });
  });
}
