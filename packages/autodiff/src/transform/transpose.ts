import { Builder } from "../ir/builder.ts";
import { at, showType } from "../ir/shape.ts";
import type { Graph, Node, OpName, Value } from "../ir/types.ts";
import { copyWithInputs, dependents } from "./copy.ts";
import { separate } from "./separate.ts";
import { differentiable, materialize, pick, sum, varies } from "./tangent.ts";
import { transposeRules } from "./transpose-rules/index.ts";
import type { Tangent, TransposeInto, TransposeRule } from "./types.ts";

/** Finds the primal values that transposition needs. */
type Fetch = (value: Value) => Value;

/**
 * Walks the nodes that depend on the `linear` values backwards and emits their transposes; the
 * cotangents of several uses add up. Returns the cotangents of the `linear` values.
 */
export const backward = (
  b: Builder,
  nodes: readonly Node[],
  linear: readonly Value[],
  fetch: Fetch,
  outputs: readonly Tangent[],
  cotangents: readonly Tangent[],
): Tangent[] => {
  const marked = dependents(nodes, linear);
  const collected = new Map<Value, Value>();
  const collect = (value: Value, cotangent: Tangent): void => {
    const total = sum(b, collected.get(value), cotangent);
    if (total !== undefined) collected.set(value, total);
  };
  outputs.forEach((value, i) => {
    if (value !== undefined && marked.has(value)) collect(value, cotangents[i]);
  });
  for (const node of nodes.toReversed()) {
    const given = node.outputs.map((v) => (varies(v.type) ? collected.get(v) : undefined));
    const mask = node.inputs.map((v) => marked.has(v) && differentiable(v.type));
    if (!mask.includes(true) || given.every((ct) => ct === undefined)) continue;
    for (const output of node.outputs) collected.delete(output);
    const parts = transposeNode(b, node, mask, fetch, given);
    node.inputs.forEach((value, i) => {
      if (mask[i]) collect(value, parts[i]);
    });
  }
  return linear.map((value) => collected.get(value));
};

const transposeNode = (
  b: Builder,
  node: Node,
  linear: readonly boolean[],
  fetch: Fetch,
  cotangents: readonly Tangent[],
): Tangent[] => {
  const rule = transposeRules[node.op] as TransposeRule<OpName> | "nonlinear";
  if (rule === "nonlinear") {
    const operands = node.inputs.map((v) => showType(v.type)).join(", ");
    throw new Error(`transpose: ${node.op}(${operands}) is not linear in a tangent`);
  }
  return rule(b, {
    attrs: node.attrs,
    types: node.inputs.map((v) => v.type),
    results: node.outputs.map((v) => v.type),
    linear,
    operand: (i) => fetch(at(node.inputs, i)),
    cotangents,
    transposeInto,
  });
};

/** Emits the transpose of a graph that is linear in some of its inputs. */
export const transposeInto: TransposeInto = (b, mixed, linear, operands, cotangents) => {
  const graph = separate(mixed, linear);
  const fetch = copyWithInputs(b, graph, operands);
  const inputs = pick(graph.inputs, linear);
  const found = backward(b, graph.nodes, inputs, fetch, graph.outputs, cotangents);
  let next = 0;
  return linear.map((here) => (here ? found[next++] : undefined));
};

/**
 * The transpose of a graph (residuals…, tangents…) → outputs that is linear in the tangents:
 * (residuals…, cotangents of the float outputs…) → cotangents of the tangents.
 */
export const transposeGraph = (graph: Graph, numResiduals: number): Graph => {
  const b = new Builder();
  const residuals = graph.inputs.slice(0, numResiduals).map((v) => b.input(v.type));
  const cotangents = graph.outputs.map((v) =>
    differentiable(v.type) ? b.input(v.type) : undefined,
  );
  const linear = graph.inputs.map((_, i) => i >= numResiduals);
  const result = transposeInto(b, graph, linear, residuals, cotangents);
  return b.finish(
    graph.inputs
      .slice(numResiduals)
      .map((v, i) => materialize(b, result[numResiduals + i], v.type)),
  );
};
