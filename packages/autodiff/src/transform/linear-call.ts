import { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Derivative, Graph, Node, OpAttrs, Value } from "../ir/types.ts";
import { emitCopy } from "./copy.ts";
import { expansion } from "./jvp-rules/call.ts";

const expandDerivative = (derivative: Derivative): Derivative => {
  switch (derivative.kind) {
    case "inline":
    case "checkpoint":
      return derivative;
    case "custom_jvp":
      return { ...derivative, jvp: expandLinearCalls(derivative.jvp) };
    case "custom_vjp":
      return {
        ...derivative,
        fwd: expandLinearCalls(derivative.fwd),
        bwd: expandLinearCalls(derivative.bwd),
      };
  }
};

const expandLinearCall = (
  b: Builder,
  { numResiduals, transposed }: OpAttrs["linear_call"],
  inputs: readonly Value[],
): readonly Value[] =>
  b.inline(expansion({ numResiduals, transposed: expandLinearCalls(transposed) }), inputs);

const expandNode = (b: Builder, node: Node, inputs: readonly Value[]): readonly Value[] => {
  switch (node.op) {
    case "linear_call":
      return expandLinearCall(b, node.attrs, inputs);
    case "call":
      return b.emit("call", inputs, {
        body: expandLinearCalls(node.attrs.body),
        derivative: expandDerivative(node.attrs.derivative),
      });
    case "scan":
      return b.emit("scan", inputs, { ...node.attrs, body: expandLinearCalls(node.attrs.body) });
    case "while":
      return b.emit("while", inputs, {
        ...node.attrs,
        condition: expandLinearCalls(node.attrs.condition),
        body: expandLinearCalls(node.attrs.body),
      });
    default:
      return emitCopy(b, node, inputs);
  }
};

const graphsOf = (node: Node): readonly Graph[] => {
  switch (node.op) {
    case "call": {
      const { body, derivative } = node.attrs;
      if (derivative.kind === "custom_jvp") return [body, derivative.jvp];
      if (derivative.kind === "custom_vjp") return [body, derivative.fwd, derivative.bwd];
      return [body];
    }
    case "scan":
      return [node.attrs.body];
    case "while":
      return [node.attrs.condition, node.attrs.body];
    default:
      return [];
  }
};

const hasLinearCall = (graph: Graph): boolean =>
  graph.nodes.some((node) => node.op === "linear_call" || graphsOf(node).some(hasLinearCall));

/**
 * Rewrites every `linear_call`, also in nested graphs, into ordinary nodes. What is known of such a
 * map is its transpose, which is linear in the cotangents; the map is the transpose of that.
 */
export const expandLinearCalls = (graph: Graph): Graph => {
  if (!hasLinearCall(graph)) return graph;
  const b = new Builder();
  const map = new Map<Value, Value>(graph.inputs.map((v) => [v, b.input(v.type)]));
  const look = (v: Value): Value => map.get(v) as Value;
  for (const node of graph.nodes) {
    const outputs = expandNode(b, node, node.inputs.map(look));
    node.outputs.forEach((v, i) => {
      map.set(v, at(outputs, i));
    });
  }
  return b.finish(graph.outputs.map(look));
};
