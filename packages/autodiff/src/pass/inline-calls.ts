import { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";

/**
 * Puts bodies in place of calls. Rules of their own have served once a graph is to be run; only
 * checkpoints stay calls, because merging them with their surroundings would undo them.
 */
export function inlineCalls(graph: Graph): Graph {
  const b = new Builder();
  const map = new Map<Value, Value>(graph.inputs.map((v) => [v, b.input(v.type)]));
  const look = (v: Value): Value => map.get(v) as Value;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(look);
    const inlined = node.op === "call" && node.attrs.derivative.kind !== "checkpoint";
    const outputs = inlined
      ? b.inline(inlineCalls(node.attrs.body), inputs)
      : b.emit(node.op, inputs, node.attrs as never);
    node.outputs.forEach((v, i) => {
      map.set(v, at(outputs, i));
    });
  }
  return b.finish(graph.outputs.map(look));
}
