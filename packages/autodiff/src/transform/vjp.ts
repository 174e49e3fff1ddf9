import { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";
import { copyWithInputs } from "./copy.ts";
import { checkWrt, jvpInto } from "./jvp.ts";
import { differentiable, materialize, pick, unpick } from "./tangent.ts";
import { backward } from "./transpose.ts";
import type { Tangent } from "./types.ts";

/** Outputs of a graph with the function that pulls cotangents back through it. */
export interface Pullback {
  readonly outputs: Value[];
  /** From cotangents of all outputs to those of all inputs; `undefined` is zero. */
  readonly pullback: (cotangents: readonly Tangent[]) => Tangent[];
}

/**
 * Reverse mode: emits the graph, and on `pullback` the transpose of its linearisation.
 *
 * Tangents are emitted into a scratch graph. What they need of the primal computation is copied to
 * `b` on demand, so that values which only the backward pass needs are computed there.
 */
export const vjpInto = (
  b: Builder,
  graph: Graph,
  primals: readonly Value[],
  wrt: readonly boolean[],
): Pullback => {
  checkWrt("vjp", graph, wrt);
  const scratch = new Builder();
  const inputs = graph.inputs.map((v) => scratch.input(v.type));
  const tangents = graph.inputs.map((v, i) => (wrt[i] ? scratch.input(v.type) : undefined));
  const dual = jvpInto(scratch, graph, inputs, tangents, "separate");
  const fetch = copyWithInputs(b, scratch.finish([]), primals);
  return {
    outputs: dual.outputs.map(fetch),
    pullback: (cotangents) => {
      const linear = tangents.filter((t) => t !== undefined);
      const found = backward(b, scratch.nodes, linear, fetch, dual.tangents, cotangents);
      return unpick(found, wrt);
    },
  };
};

/**
 * Reverse mode: (inputs…, cotangents of the float outputs…) →
 * (outputs…, cotangents of the inputs marked in `wrt`…).
 */
export const vjpGraph = (graph: Graph, wrt: readonly boolean[]): Graph => {
  const b = new Builder();
  const inputs = graph.inputs.map((v) => b.input(v.type));
  const cotangents = graph.outputs.map((v) =>
    differentiable(v.type) ? b.input(v.type) : undefined,
  );
  const { outputs, pullback } = vjpInto(b, graph, inputs, wrt);
  const found = pullback(cotangents);
  const wanted = found.map((ct, i) => ({ ct, type: at(graph.inputs, i).type }));
  return b.finish([
    ...outputs,
    ...pick(wanted, wrt).map(({ ct, type }) => materialize(b, ct, type)),
  ]);
};
