import fc from "fast-check";
import { describe, test } from "vitest";
import { hostTensor } from "../../src/host/index.ts";
import type { Graph } from "../../src/ir/types.ts";
import { randomDirection } from "../support/gradient-check.ts";
import { type RandomGraph, randomGraphs } from "../support/random-graphs.ts";
import { checkForward, checkReverse, checkSecondOrder, pullbackGraph } from "./check.ts";
import { floatOutputs, graphOf } from "./graphs.ts";

const property = (
  graphs: fc.Arbitrary<RandomGraph>,
  check: (drawn: RandomGraph) => void,
  numRuns = 200,
): void => fc.assert(fc.property(graphs, check), { numRuns });

const asCall = (graph: Graph): Graph =>
  graphOf(
    graph.inputs.map((v) => v.type),
    (b, ...xs) => [...b.emit("call", xs, { body: graph, derivative: { kind: "checkpoint" } })],
  );

/**
 * A loop around a graph: its first input stays, rows of the others come in, all are moved by a
 * carried number that the results feed, and the results are stacked.
 */
const asLoop = ({ graph, inputs }: RandomGraph, length: number, reverse: boolean): RandomGraph => {
  const state = { shape: [], dtype: "f32" } as const;
  const [first, ...rest] = graph.inputs.map((v) => v.type);
  const body = graphOf([first!, state, ...rest], (b, x, s, ...xs) => {
    const nudge = b.scale(s, 0.1);
    const results = b.inline(
      graph,
      [x, ...xs].map((v) => b.add(v, b.broadcastTo(nudge, v.type.shape))),
    );
    const sums = results.map((y) =>
      b.reduce(
        y,
        "add",
        y.type.shape.map((_, i) => i),
      ),
    );
    return [
      b.map(
        "sine",
        sums.reduce((sum, y) => b.add(sum, y), s),
      ),
      ...results,
    ];
  });
  const rows = inputs.slice(1).map(({ type, data }) => {
    const copies = Array.from({ length }, (_, k) => Array.from(data, (v) => v * 0.8 ** k));
    return hostTensor({ shape: [length, ...type.shape], dtype: "f32" }, copies.flat());
  });
  const all = [inputs[0]!, hostTensor(state, [0.3]), ...rows];
  const loop = graphOf(
    all.map((x) => x.type),
    (b, ...xs) => [...b.emit("scan", xs, { body, length, numConsts: 1, numCarry: 1, reverse })],
  );
  return { graph: loop, inputs: all };
};

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
      80,
    );
  });

  test("under a checkpoint too", () => {
    property(
      randomGraphs({ limit: 10, maxSteps: 5 }),
      ({ graph, inputs }) => {
        checkForward(asCall(graph), inputs, 1e-5);
        checkReverse(asCall(graph), inputs);
      },
      80,
    );
  });

  test("in loops too", () => {
    fc.assert(
      fc.property(randomGraphs({ limit: 10, maxSteps: 5 }), fc.boolean(), (drawn, reverse) => {
        const { graph, inputs } = asLoop(drawn, 3, reverse);
        checkReverse(graph, inputs);
        checkReverse(floatOutputs(pullbackGraph(graph)), [
          ...inputs,
          ...randomDirection(graph.outputs, "cotangents"),
        ]);
      }),
      { numRuns: 80 },
    );
  });
});
