import type { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";
import { emitCopy } from "./copy.ts";

/**
 * Emits a graph with the bodies of its `inline` calls in place of these, so that a call which
 * computes values and tangents falls apart into nodes that compute one or the other.
 */
export const inlineCalls = (b: Builder, graph: Graph, inputs: readonly Value[]): Value[] => {
  const map = new Map<Value, Value>(graph.inputs.map((v, i) => [v, at(inputs, i)]));
  const look = (v: Value): Value => {
    const found = map.get(v);
    if (found === undefined) throw new Error("inline: the graph uses a value it does not define");
    return found;
  };
  for (const node of graph.nodes) {
    const operands = node.inputs.map(look);
    const inlined = node.op === "call" && node.attrs.derivative.kind === "inline";
    const outputs = inlined
      ? inlineCalls(b, node.attrs.body, operands)
      : emitCopy(b, node, operands);
    node.outputs.forEach((v, i) => {
      map.set(v, at(outputs, i));
    });
  }
  return graph.outputs.map(look);
};
