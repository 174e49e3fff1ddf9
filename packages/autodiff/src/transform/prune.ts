import { Builder } from "../ir/builder.ts";
import type { Graph, Value } from "../ir/types.ts";
import { lazyCopy } from "./copy.ts";

/**
 * The graph to these of its values, without nodes that they do not need; from all of its inputs or
 * from some, which must be all that the values depend on.
 */
export const prune = (
  graph: Graph,
  outputs: readonly Value[],
  inputs: readonly Value[] = graph.inputs,
): Graph => {
  const b = new Builder();
  const map = new Map(inputs.map((v) => [v, b.input(v.type)]));
  return b.finish(outputs.map(lazyCopy(b, graph.nodes, (v) => map.get(v))));
};
