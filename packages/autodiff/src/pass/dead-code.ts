import type { Graph, Node, Value } from "../ir/types.ts";

/** Drops nodes whose results nobody uses. Every operation is pure, so nothing else is lost. */
export function eliminateDeadCode(graph: Graph): Graph {
  const live = new Set<Value>(graph.outputs);
  const kept: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i] as Node;
    if (!node.outputs.some((v) => live.has(v))) continue;
    for (const v of node.inputs) live.add(v);
    kept.push(node);
  }
  return { ...graph, nodes: kept.reverse() };
}
