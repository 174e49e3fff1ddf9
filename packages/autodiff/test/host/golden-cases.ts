// Prints the cases of all operations as JSON, for golden.py to compute with JAX.
import process from "node:process";
import type { Graph, Value } from "../../src/ir/types.ts";
import { allCases, caseGraph, sampleInputs } from "../support/op-cases.ts";

const isGraph = (x: object): x is Graph => "nodes" in x && "outputs" in x;

const plainGraph = (graph: Graph): unknown => {
  const ids = new Map<Value, number>();
  const define = (v: Value) => {
    ids.set(v, ids.size);
    return v.type;
  };
  const use = (v: Value) => ids.get(v);
  return {
    inputs: graph.inputs.map(define),
    nodes: graph.nodes.map((node) => ({
      op: node.op,
      inputs: node.inputs.map(use),
      attrs: plain(node.attrs),
      outputs: node.outputs.map(define),
    })),
    outputs: graph.outputs.map(use),
  };
};

/** Everything as JSON can carry it: graphs by number, numbers that JSON lacks as text. */
const plain = (x: unknown): unknown => {
  if (typeof x === "number") return Number.isFinite(x) && !Object.is(x, -0) ? x : text(x);
  if (typeof x !== "object" || x === null) return x;
  if (ArrayBuffer.isView(x)) return Array.from(x as unknown as ArrayLike<number>, plain);
  if (Array.isArray(x)) return x.map(plain);
  if (isGraph(x)) return plainGraph(x);
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]));
};

const text = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

const cases = allCases.map((c) => ({
  title: c.title,
  graph: plain(caseGraph(c)),
  inputs: sampleInputs(c).map(({ data }) => plain(data)),
}));
process.stdout.write(JSON.stringify(cases));
