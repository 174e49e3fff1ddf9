import { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";
import { copyWithInputs, dependents, lazyCopy, nodesFor } from "./copy.ts";
import { checkWrt, jvpInto } from "./jvp.ts";
import { differentiable, materialize, pick } from "./tangent.ts";

/** A graph as values and a linear map between tangents. */
export interface Linearized {
  /** (inputs…) → (outputs…, residuals…). */
  readonly primal: Graph;
  /** (residuals…, tangents…) → tangents of the float outputs. */
  readonly linear: Graph;
  readonly numResiduals: number;
}

/**
 * Splits the derivative of a graph into what depends on the inputs, computed once, and the linear
 * rest. `linear` may hold `linear_call`s, which `expandLinearCalls` turns into ordinary nodes.
 */
export const linearizeGraph = (graph: Graph, wrt: readonly boolean[]): Linearized => {
  checkWrt("linearize", graph, wrt);
  const scratch = new Builder();
  const inputs = graph.inputs.map((v) => scratch.input(v.type));
  const tangents = graph.inputs.map((v, i) => (wrt[i] ? scratch.input(v.type) : undefined));
  const dual = jvpInto(scratch, graph, inputs, tangents, "separate");

  const primal = new Builder();
  const primals = inputs.map((v) => primal.input(v.type));
  const inPrimal = copyWithInputs(primal, scratch.finish([]), primals);
  const outputs = dual.outputs.map(inPrimal);
  const computed = nodesFor(dual.outputs);
  const varying = dependents(scratch.nodes, inputs);
  // As in a loop: constants and what only widens another value are cheaper to compute again.
  const stored = (v: Value): boolean => {
    if (v.producer === undefined) return varying.has(v);
    return v.producer.op !== "broadcast_in_dim" && varying.has(v) && computed.has(v.producer);
  };

  const b = new Builder();
  const duals = new Map(tangents.filter((t) => t !== undefined).map((t) => [t, b.input(t.type)]));
  const residuals: Value[] = [];
  const residualInputs: Value[] = [];
  const copy = lazyCopy(b, scratch.nodes, (v) => {
    const tangent = duals.get(v);
    if (tangent !== undefined || !stored(v)) return tangent;
    const input = b.input(v.type);
    residuals.push(inPrimal(v));
    residualInputs.push(input);
    return input;
  });
  const types = dual.outputs.map((v) => v.type);
  const results = pick(
    dual.tangents.map((t, i) => ({ t, type: at(types, i) })),
    types.map(differentiable),
  ).map(({ t, type }) => (t === undefined ? materialize(b, t, type) : copy(t)));
  return {
    primal: primal.finish([...outputs, ...residuals]),
    linear: { inputs: [...residualInputs, ...duals.values()], nodes: b.nodes, outputs: results },
    numResiduals: residuals.length,
  };
};
