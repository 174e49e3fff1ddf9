import { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Node, OpName, Value } from "../ir/types.ts";
import { emitCopy } from "./copy.ts";
import { jointRules, jvpRules } from "./jvp-rules/index.ts";
import { differentiable, materialize, pick, varies } from "./tangent.ts";
import type { Dual, JointOp, JointRule, JvpInto, JvpMode, LocalRule, Tangent } from "./types.ts";

const isJoint = (op: OpName): op is JointOp => op in jointRules;

const jvpNode = (
  b: Builder,
  node: Node,
  inputs: readonly Value[],
  tangents: readonly Tangent[],
  mode: JvpMode,
): Dual => {
  const constant =
    tangents.every((t) => t === undefined) || !node.outputs.some((output) => varies(output.type));
  if (constant) return { outputs: emitCopy(b, node, inputs), tangents: [] };
  if (isJoint(node.op)) {
    const rule = jointRules[node.op] as JointRule<OpName>;
    return rule(b, { inputs, attrs: node.attrs, tangents, mode, jvpInto });
  }
  const outputs = emitCopy(b, node, inputs);
  const rule = jvpRules[node.op] as LocalRule<OpName> | "zero";
  if (rule === "zero") return { outputs, tangents: [] };
  return {
    outputs,
    tangents: [rule(b, { inputs, attrs: node.attrs, output: at(outputs, 0), tangents })],
  };
};

/** Emits the nodes of a graph together with the tangents of its outputs. */
export const jvpInto: JvpInto = (b, graph, primals, tangents, mode = "joint") => {
  const values = new Map<Value, Value>(graph.inputs.map((v, i) => [v, at(primals, i)]));
  const derivatives = new Map<Value, Tangent>();
  const bind = (value: Value, t: Tangent): void => {
    if (t !== undefined && varies(value.type)) derivatives.set(value, t);
  };
  graph.inputs.forEach((v, i) => {
    bind(v, tangents[i]);
  });
  const look = (v: Value): Value => {
    const found = values.get(v);
    if (found === undefined) throw new Error("jvp: the graph uses a value it does not define");
    return found;
  };
  for (const node of graph.nodes) {
    const dual = jvpNode(
      b,
      node,
      node.inputs.map(look),
      node.inputs.map((v) => derivatives.get(v)),
      mode,
    );
    node.outputs.forEach((v, i) => {
      values.set(v, at(dual.outputs, i));
      bind(v, dual.tangents[i]);
    });
  }
  return {
    outputs: graph.outputs.map(look),
    tangents: graph.outputs.map((v) => derivatives.get(v)),
  };
};

/** Throws where a derivative is asked for with respect to an integer or bool input. */
export const checkWrt = (name: string, graph: Graph, wrt: readonly boolean[]): void => {
  graph.inputs.forEach(({ type }, i) => {
    if (wrt[i] && !differentiable(type)) {
      throw new Error(`${name}: input ${i} is ${type.dtype}; only floats have derivatives`);
    }
  });
};

/**
 * Forward mode: (inputs…, tangents of the inputs marked in `wrt`…) →
 * (outputs…, tangents of the float outputs…).
 */
export const jvpGraph = (graph: Graph, wrt: readonly boolean[]): Graph => {
  checkWrt("jvp", graph, wrt);
  const b = new Builder();
  const inputs = graph.inputs.map((v) => b.input(v.type));
  const tangents = graph.inputs.map((v, i) => (wrt[i] ? b.input(v.type) : undefined));
  const dual = jvpInto(b, graph, inputs, tangents);
  const floats = graph.outputs.map((v) => differentiable(v.type));
  const results = dual.tangents.map((t, i) => ({ t, type: at(graph.outputs, i).type }));
  return b.finish([
    ...dual.outputs,
    ...pick(results, floats).map(({ t, type }) => materialize(b, t, type)),
  ]);
};
