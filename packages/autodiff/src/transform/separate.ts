import { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, NodeOf, OpAttrs, Value } from "../ir/types.ts";
import { emitCopy } from "./copy.ts";
import { linearValues, loopInputs } from "./linear-values.ts";
import { flat, type Parts, parts } from "./loop.ts";
import { prune } from "./prune.ts";
import { splitScan } from "./split-scan.ts";
import { pick, unpick } from "./tangent.ts";

const not = (mask: readonly boolean[]): boolean[] => mask.map((here) => !here);

/** One list from the elements of two at the places where a mask is false and true. */
const weave = (
  mask: readonly boolean[],
  values: readonly Value[],
  linear: readonly Value[],
): Value[] => {
  const [left, right] = [unpick(values, not(mask)), unpick(linear, mask)];
  return mask.map((here, i) => (here ? right[i] : left[i]) as Value);
};

const separateCall = (
  b: Builder,
  { attrs, inputs: operands }: Pick<NodeOf<"call">, "attrs" | "inputs">,
  linear: readonly boolean[],
): Value[] => {
  const { derivative } = attrs;
  const body = separate(attrs.body, linear);
  if (derivative.kind !== "checkpoint") return b.inline(body, operands);
  const found = linearValues(body, linear);
  const mask = body.outputs.map((v) => found.has(v));
  const primal = prune(body, pick(body.outputs, not(mask)), pick(body.inputs, not(linear)));
  return weave(
    mask,
    [...b.emit("call", pick(operands, not(linear)), { body: primal, derivative })],
    [...b.emit("call", operands, { body: prune(body, pick(body.outputs, mask)), derivative })],
  );
};

const separateScan = (
  b: Builder,
  attrs: OpAttrs["scan"],
  operands: readonly Value[],
  given: readonly boolean[],
): Value[] => {
  const linear = loopInputs(attrs, given);
  const body = separate(attrs.body, flat(linear));
  const found = linearValues(body, flat(linear));
  const choose = <T>(list: Parts<T>, here: boolean): Parts<T> => {
    const side = (mask: readonly boolean[]) => (here ? mask : not(mask));
    return {
      consts: pick(list.consts, side(linear.consts)),
      carry: pick(list.carry, side(linear.carry)),
      xs: pick(list.xs, side(linear.xs)),
    };
  };
  const [inputs, values] = [parts(body.inputs, attrs), parts(operands, attrs)];
  const mask = body.outputs.map((v, i) => linear.carry[i] ?? found.has(v));
  const stacked = mask.slice(attrs.numCarry);
  const dual = splitScan(
    b,
    attrs,
    {
      nodes: body.nodes,
      primals: choose(inputs, false),
      tangents: choose(inputs, true),
      outputs: pick(body.outputs, not(mask)),
      carryTangents: pick(body.outputs.slice(0, attrs.numCarry), linear.carry),
      stackedTangents: pick(body.outputs.slice(attrs.numCarry), stacked),
    },
    choose(values, false),
    choose(values, true),
  );
  return weave(mask, dual.outputs, dual.tangents as readonly Value[]);
};

/**
 * The same graph with every call and loop that computes values beside values linear in the marked
 * inputs taken apart into one that does the first and one that does the second. Graphs of our own
 * derivative rules are so already; a rule that somebody wrote down need not be.
 */
export const separate = (graph: Graph, linear: readonly boolean[]): Graph => {
  const found = linearValues(graph, linear);
  const mixed = graph.nodes.map(
    ({ inputs, outputs }) =>
      inputs.some((v) => found.has(v)) && !outputs.every((v) => found.has(v)),
  );
  if (!mixed.includes(true)) return graph;
  const b = new Builder();
  const map = new Map(graph.inputs.map((v) => [v, b.input(v.type)]));
  const look = (v: Value): Value => map.get(v) as Value;
  graph.nodes.forEach((node, k) => {
    const inputs = node.inputs.map(look);
    const mask = node.inputs.map((v) => found.has(v));
    let outputs: readonly Value[];
    if (mixed[k] && node.op === "call") outputs = separateCall(b, { ...node, inputs }, mask);
    else if (mixed[k] && node.op === "scan") outputs = separateScan(b, node.attrs, inputs, mask);
    else outputs = emitCopy(b, node, inputs);
    node.outputs.forEach((v, i) => {
      map.set(v, at(outputs, i));
    });
  });
  return b.finish(graph.outputs.map(look));
};
