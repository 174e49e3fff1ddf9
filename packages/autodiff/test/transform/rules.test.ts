import { describe, expect, test } from "vitest";
import { jvpGraph, vjpGraph } from "../../src/transform/index.ts";
import { allCases, caseGraph, sampleInputs } from "../support/op-cases.ts";
import { checkForward, checkReverse, checkSecondOrder } from "./check.ts";
import { floatInputs } from "./graphs.ts";

const smooth = allCases.filter((c) => c.gradient !== "none");
const both = allCases.filter((c) => c.gradient === "both");

describe("jvp agrees with central differences", () => {
  test.each(smooth.map((c) => [c.title, c] as const))("%s", (_, c) => {
    checkForward(caseGraph(c), sampleInputs(c));
  });
});

describe("vjp and linearize agree with jvp", () => {
  test.each(both.map((c) => [c.title, c] as const))("%s", (_, c) => {
    checkReverse(caseGraph(c), sampleInputs(c));
  });
});

// At ties and at 0 the first derivative jumps.
const twice = both.filter((c) => !/\bties\b|\bat 0\b/.test(c.name));

describe("derivatives of vjp agree with central differences and each other", () => {
  test.each(twice.map((c) => [c.title, c] as const))("%s", (_, c) => {
    checkSecondOrder(caseGraph(c), sampleInputs(c));
  });
});

describe("cases without a gradient to compare still have derivative graphs", () => {
  const rest = allCases.filter((c) => c.gradient === "none");
  test.each(rest.map((c) => [c.title, c] as const))("%s", (_, c) => {
    const graph = caseGraph(c);
    const wrt = floatInputs(graph);
    expect(() => jvpGraph(graph, wrt)).not.toThrow();
    expect(() => vjpGraph(graph, wrt)).not.toThrow();
  });
});
