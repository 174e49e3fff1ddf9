import { Builder } from "../ir/builder.ts";
import type { Graph, Value } from "../ir/types.ts";
import { copyWithInputs } from "./copy.ts";

/** The graph from the same inputs to these of its values, without nodes that they do not need. */
export const prune = (graph: Graph, outputs: readonly Value[]): Graph => {
  const b = new Builder();
  const fetch = copyWithInputs(
    b,
    graph,
    graph.inputs.map((v) => b.input(v.type)),
  );
  return b.finish(outputs.map(fetch));
};
