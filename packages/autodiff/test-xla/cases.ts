// Writes, one JSON object a line, what XLA is to compute and what the host reference says.
//
//   node --conditions=@layerwise/source packages/autodiff/test-xla/cases.ts > cases.jsonl
import { Buffer } from "node:buffer";
import process from "node:process";
import fc from "fast-check";
import { evaluateGraph, type HostTensor } from "../src/host/index.ts";
import { isFloat } from "../src/ir/shape.ts";
import type { DType, Graph } from "../src/ir/types.ts";
import { optimize } from "../src/pass/index.ts";
import { toText } from "../src/print/index.ts";
import { jvpGraph, vjpGraph } from "../src/transform/index.ts";
import { randomDirection } from "../test/support/gradient-check.ts";
import { allCases, caseGraph, sampleInputs } from "../test/support/op-cases.ts";
import { randomGraphs } from "../test/support/random-graphs.ts";

const RANDOM_GRAPHS = 200;

/** Little-endian bytes in the layout of the dtype; floats in double precision where asked. */
const encode = (dtype: DType, data: ArrayLike<number>, double: boolean): string => {
  const arrays: { readonly [D in DType]: (x: ArrayLike<number>) => ArrayBufferView } = {
    f32: (x) => (double ? Float64Array.from(x) : Float32Array.from(x)),
    f16: (x) => Float64Array.from(x),
    i32: (x) => Int32Array.from(x),
    u32: (x) => Uint32Array.from(x),
    bool: (x) => Uint8Array.from(x),
  };
  const { buffer, byteOffset, byteLength } = arrays[dtype](data);
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
};

const tensors = (list: readonly HostTensor[], double: boolean) =>
  list.map(({ type, data }) => ({ ...type, data: encode(type.dtype, data, double) }));

const write = (
  title: string,
  graph: Graph,
  inputs: readonly HostTensor[],
  reference: Graph = graph,
): void => {
  const record = {
    title,
    text: toText(graph),
    inputs: tensors(inputs, false),
    // In double precision, and in single: their difference tells how well conditioned the case is.
    expected: tensors(evaluateGraph(reference, inputs), true),
    single: tensors(evaluateGraph(reference, inputs, { round: "f32" }), true),
  };
  process.stdout.write(`${JSON.stringify(record)}\n`);
};

const rounded = (list: readonly HostTensor[]): HostTensor[] =>
  list.map((x) => ({ ...x, data: isFloat(x.type.dtype) ? x.data.map(Math.fround) : x.data }));

const writeDerivatives = (
  title: string,
  graph: Graph,
  inputs: readonly HostTensor[],
  reverse: boolean,
): void => {
  const wrt = graph.inputs.map((v) => isFloat(v.type.dtype));
  const tangents = rounded(randomDirection(graph.inputs, 1));
  const cotangents = rounded(randomDirection(graph.outputs, 2));
  if (reverse) {
    const pulled = vjpGraph(graph, wrt);
    write(`vjp of ${title}`, optimize(pulled), [...inputs, ...cotangents], pulled);
  } else {
    write(`jvp of ${title}`, jvpGraph(graph, wrt), [...inputs, ...tangents]);
  }
};

for (const c of allCases) {
  const [graph, inputs] = [caseGraph(c), sampleInputs(c)];
  write(c.title, graph, inputs);
  if (c.gradient !== "none") writeDerivatives(c.title, graph, inputs, c.gradient === "both");
}
for (const smoothness of ["any", "smooth"] as const) {
  const samples = fc.sample(randomGraphs({ smoothness }), { numRuns: RANDOM_GRAPHS, seed: 1 });
  samples.forEach(({ graph, inputs }, i) => {
    const title = `${smoothness} random graph ${i}`;
    write(title, graph, inputs);
    if (smoothness === "smooth") writeDerivatives(title, graph, inputs, i % 4 !== 0);
  });
}
