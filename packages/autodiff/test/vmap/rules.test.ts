import { describe, expect, test } from "vitest";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { at, isFloat, sizeOf } from "../../src/ir/shape.ts";
import { vjpGraph } from "../../src/transform/index.ts";
import { vmapGraph } from "../../src/transform/vmap/index.ts";
import { type AnyCase, allCases, caseGraph, sampleInputs } from "../support/op-cases.ts";
import { generator, uniform } from "../support/random.ts";
import { evaluateEach, expectClose, floatInputs, stack, subsets } from "./support.ts";

const SIZE = 3;

// The examples are samples from different seeds.
const batchedInputs = (c: AnyCase, batched: readonly boolean[]): HostTensor[] => {
  const samples = Array.from({ length: SIZE }, (_, seed) => sampleInputs(c, seed));
  return c.operands.map((_, i) =>
    batched[i] ? stack(samples.map((inputs) => at(inputs, i))) : at(at(samples, 0), i),
  );
};

// A batched product adds in another order; all sums here have fewer than 100 terms of size 1.
const TOLERANCE = 1e-13;

const checkValues = (c: AnyCase, batched: readonly boolean[]): void => {
  const graph = caseGraph(c);
  const inputs = batchedInputs(c, batched);
  const wanted = evaluateEach(graph, inputs, batched, SIZE);
  const vmapped = vmapGraph(graph, batched, SIZE);
  evaluateGraph(vmapped.graph, inputs).forEach((y, k) => {
    const examples = wanted.map((outputs) => at(outputs, k));
    const reference = vmapped.batched[k] ? stack(examples) : at(examples, 0);
    expectClose(y, reference, TOLERANCE);
  });
};

describe("batched operations equal a loop over the examples, whatever operands are batched", () => {
  test.each(allCases.map((c) => [c.title, c] as const))("%s", (_, c) => {
    const graph = caseGraph(c);
    if (graph.inputs.length === 0) {
      expect(vmapGraph(graph, [], SIZE).batched).toEqual(graph.outputs.map(() => false));
      return;
    }
    for (const batched of subsets(graph.inputs.length)) checkValues(c, batched);
  });
});

/** Cotangents drawn for the outputs of a graph. */
const drawn = (types: readonly HostTensor["type"][]): HostTensor[] => {
  const random = generator("cotangents");
  return types.map((type) => hostTensor(type, uniform()(sizeOf(type.shape), random)));
};

/** Reverse mode through a batched graph: shared inputs collect what every example gives. */
const checkGradients = (c: AnyCase, batched: readonly boolean[]): void => {
  const graph = caseGraph(c);
  const inputs = batchedInputs(c, batched);
  const vmapped = vmapGraph(graph, batched, SIZE);
  const wrt = floatInputs(graph);
  const outputs = vmapped.graph.outputs.map((v) => v.type);
  const floats = outputs.map((t) => isFloat(t.dtype));
  const cotangents = drawn(outputs.filter((_, i) => floats[i]));
  const found = evaluateGraph(vjpGraph(vmapped.graph, wrt), [...inputs, ...cotangents]).slice(
    outputs.length,
  );

  // An output that all examples share has one cotangent, of which each example gets its part.
  const parts = vmapped.batched.filter((_, i) => floats[i]);
  const shares = cotangents.map((ct, i) =>
    parts[i]
      ? ct
      : hostTensor(
          ct.type,
          Array.from(ct.data, (x) => x / SIZE),
        ),
  );
  const each = evaluateEach(
    vjpGraph(graph, wrt),
    [...inputs, ...shares],
    [...batched, ...parts],
    SIZE,
  ).map((results) => results.slice(graph.outputs.length));
  const reference = batched
    .filter((_, i) => wrt[i])
    .map((here, k) => {
      const rows = each.map((grads) => at(grads, k));
      if (here) return stack(rows);
      const { type, data } = at(rows, 0);
      return hostTensor(
        type,
        Array.from(data, (_, i) => rows.reduce((n, row) => n + row.data[i]!, 0)),
      );
    });
  // Derivatives of the cases at hand reach 10^2; sums over examples add in another order.
  found.forEach((g, k) => {
    expectClose(g, at(reference, k), 1e-11);
  });
};

const smooth = allCases.filter((c) => c.gradient === "both" || c.op === "call");

describe("gradients of batched operations equal those of a loop over the examples", () => {
  test.each(smooth.map((c) => [c.title, c] as const))("%s", (_, c) => {
    const wrt = floatInputs(caseGraph(c));
    for (const batched of subsets(wrt.length)) {
      if (batched.every((here, i) => !here || wrt[i])) checkGradients(c, batched);
    }
  });
});
