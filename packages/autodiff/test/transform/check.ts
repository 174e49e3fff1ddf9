import { expect } from "vitest";
import { evaluateGraph, type HostTensor } from "../../src/host/index.ts";
import type { Graph } from "../../src/ir/types.ts";
import {
  expandLinearCalls,
  jvpGraph,
  linearizeGraph,
  transposeGraph,
  vjpGraph,
} from "../../src/transform/index.ts";
import { innerProduct, numericalJvp, randomDirection } from "../support/gradient-check.ts";
import { dropOutputs, floatInputs, floatOutputs } from "./graphs.ts";

/** Asserts that all numbers agree to `tolerance` relative to the larger of 1 and the reference. */
export const expectClose = (
  got: readonly ArrayLike<number>[],
  wanted: readonly ArrayLike<number>[],
  tolerance: number,
): void => {
  expect(got.length).toBe(wanted.length);
  got.forEach((list, k) => {
    expect(list.length).toBe(wanted[k]!.length);
    Array.from(list).forEach((v, i) => {
      const reference = wanted[k]![i]!;
      const error = Math.abs(v - reference) / Math.max(1, Math.abs(reference));
      if (!(error <= tolerance)) {
        expect.fail(`output ${k}[${i}]: got ${v}, wanted ${reference}`);
      }
    });
  });
};

const tangentsOf = (graph: Graph, inputs: readonly HostTensor[], steps: readonly HostTensor[]) =>
  evaluateGraph(jvpGraph(graph, floatInputs(graph)), [...inputs, ...steps]).slice(
    graph.outputs.length,
  );

/** Forward mode against central differences. */
export const checkForward = (
  graph: Graph,
  inputs: readonly HostTensor[],
  tolerance = 1e-8,
): void => {
  const steps = randomDirection(graph.inputs, "tangents");
  const tangents = tangentsOf(graph, inputs, steps);
  expectClose(
    tangents.map((t) => t.data),
    numericalJvp(graph, inputs, steps).map((t) => t.data),
    tolerance,
  );
};

/** Reverse mode and linearisation against forward mode: ⟨c, J t⟩ = ⟨Jᵀ c, t⟩. */
export const checkReverse = (graph: Graph, inputs: readonly HostTensor[]): void => {
  const wrt = floatInputs(graph);
  const steps = randomDirection(graph.inputs, "tangents");
  const cotangents = randomDirection(graph.outputs, "cotangents");
  const tangents = tangentsOf(graph, inputs, steps);
  const wanted = innerProduct(cotangents, tangents);
  // Both sides are sums of as many products as there are elements; 1e-12 is far above rounding.
  const tolerance = 1e-12 * Math.max(1, innerProduct(tangents, tangents));

  const pulled = evaluateGraph(vjpGraph(graph, wrt), [...inputs, ...cotangents]);
  expectClose(
    pulled.slice(0, graph.outputs.length).map((y) => y.data),
    evaluateGraph(graph, inputs).map((y) => y.data),
    0,
  );
  const found = pulled.slice(graph.outputs.length);
  expect(Math.abs(innerProduct(found, steps) - wanted)).toBeLessThanOrEqual(tolerance);

  const { primal, linear, numResiduals } = linearizeGraph(graph, wrt);
  const residuals = evaluateGraph(primal, inputs).slice(graph.outputs.length);
  expect(residuals.length).toBe(numResiduals);
  const mapped = evaluateGraph(expandLinearCalls(linear), [...residuals, ...steps]);
  expectClose(
    mapped.map((t) => t.data),
    tangents.map((t) => t.data),
    1e-12,
  );
  const transposed = transposeGraph(linear, numResiduals);
  const again = evaluateGraph(transposed, [...residuals, ...cotangents]);
  expectClose(
    again.map((t) => t.data),
    found.map((t) => t.data),
    1e-12,
  );
};

/** The pullback alone as a graph (inputs…, cotangents…) → cotangents, to differentiate once more. */
export const pullbackGraph = (graph: Graph): Graph =>
  dropOutputs(vjpGraph(graph, floatInputs(graph)), graph.outputs.length);

/** Both modes of the derivative of reverse mode. */
export const checkSecondOrder = (
  graph: Graph,
  inputs: readonly HostTensor[],
  tolerance = 1e-7,
): void => {
  const first = floatOutputs(pullbackGraph(graph));
  const operands = [...inputs, ...randomDirection(graph.outputs, "cotangents")];
  checkForward(first, operands, tolerance);
  checkReverse(first, operands);
};
