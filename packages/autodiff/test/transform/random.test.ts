import fc from "fast-check";
import { describe, test } from "vitest";
import type { Graph } from "../../src/ir/types.ts";
import { randomDirection } from "../support/gradient-check.ts";
import { type RandomGraph, randomGraphs } from "../support/random-graphs.ts";
import { checkForward, checkReverse, checkSecondOrder, pullbackGraph } from "./check.ts";
import { floatOutputs, graphOf } from "./graphs.ts";

const property = (
  graphs: fc.Arbitrary<RandomGraph>,
  check: (drawn: RandomGraph) => void,
  numRuns = 3000,
): void => fc.assert(fc.property(graphs, check), { numRuns });

const asCall = (graph: Graph): Graph =>
  graphOf(
    graph.inputs.map((v) => v.type),
    (b, ...xs) => [...b.emit("call", xs, { body: graph, derivative: { kind: "checkpoint" } })],
  );

describe("random graphs", () => {
  // Higher derivatives of compositions of eight functions are large, and so is the differences'
  // error; the comparison of the modes below is exact up to rounding.
  test("forward mode agrees with differences", () => {
    property(randomGraphs(), ({ graph, inputs }) => checkForward(graph, inputs, 1e-5));
  });

  test("reverse mode and linearisation agree with forward mode", () => {
    property(randomGraphs({ smoothness: "continuous" }), ({ graph, inputs }) =>
      checkReverse(graph, inputs),
    );
  });

  test("so do they for the pullback of the graph", () => {
    property(randomGraphs({ limit: 10 }), ({ graph, inputs }) =>
      checkReverse(floatOutputs(pullbackGraph(graph)), [
        ...inputs,
        ...randomDirection(graph.outputs, "cotangents"),
      ]),
    );
  });

  test("second derivatives agree with differences", () => {
    property(
      randomGraphs({ limit: 10, maxSteps: 5 }),
      ({ graph, inputs }) => checkSecondOrder(graph, inputs, 1e-5),
      1000,
    );
  });

  test("under a checkpoint too", () => {
    property(
      randomGraphs({ limit: 10, maxSteps: 5 }),
      ({ graph, inputs }) => {
        checkForward(asCall(graph), inputs, 1e-5);
        checkReverse(asCall(graph), inputs);
      },
      1000,
    );
  });
});
