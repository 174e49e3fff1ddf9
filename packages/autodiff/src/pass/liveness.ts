import { sizeOf } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";

/** For every node the values whose last use it is. Results of the graph never die. */
export function lastUses(graph: Graph): readonly (readonly Value[])[] {
  const kept = new Set<Value>(graph.outputs);
  const seen = new Set<Value>(kept);
  const dying: Value[][] = graph.nodes.map(() => []);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    for (const v of [...(node?.outputs ?? []), ...(node?.inputs ?? [])]) {
      if (seen.has(v)) continue;
      seen.add(v);
      dying[i]?.push(v);
    }
  }
  return dying;
}

const bytes = (v: Value): number => sizeOf(v.type.shape) * 4;

/**
 * Greatest number of bytes of computed values alive at one time when nodes run in order and values
 * are freed after their last use. Inputs and constants are not counted; bodies of calls and loops
 * count with their own peak.
 */
export function peakBytes(graph: Graph): number {
  const dying = lastUses(graph);
  const owned = new Set<Value>();
  let live = 0;
  let peak = 0;
  graph.nodes.forEach((node, i) => {
    if (node.op !== "constant") {
      for (const v of node.outputs) {
        owned.add(v);
        live += bytes(v);
      }
    }
    const bodies = node.op === "call" || node.op === "scan" || node.op === "while";
    peak = Math.max(peak, live + (bodies ? peakBytes(node.attrs.body) : 0));
    for (const v of dying[i] ?? []) if (owned.has(v)) live -= bytes(v);
  });
  return peak;
}
