// Writes, one JSON object a line, what XLA is to compute and what the host reference says.
//
//   node --conditions=@layerwise/source packages/autodiff/test-xla/cases.ts > cases.jsonl
import { Buffer } from "node:buffer";
import process from "node:process";
import fc from "fast-check";
import {
  type EvaluateOptions,
  evaluateGraph,
  type HostTensor,
  hostTensor,
} from "../src/host/index.ts";
import { buildGraph, literal } from "../src/ir/builder.ts";
import { at, isFloat, range } from "../src/ir/shape.ts";
import type { DType, Graph, TensorType } from "../src/ir/types.ts";
import { optimize } from "../src/pass/index.ts";
import { toText } from "../src/print/index.ts";
import { jvpGraph, vjpGraph } from "../src/transform/index.ts";
import { vmapGraph } from "../src/transform/vmap/index.ts";
import { randomDirection } from "../test/support/gradient-check.ts";
import { allCases, caseGraph, sampleInputs } from "../test/support/op-cases.ts";
import { generator } from "../test/support/random.ts";
import { randomGraphs } from "../test/support/random-graphs.ts";
import { stack } from "../test/vmap/support.ts";

const RANDOM_GRAPHS = 200;

/** Little-endian bytes in the layout of the dtype; floats in double precision where asked. */
const encode = (dtype: DType, data: ArrayLike<number>, double: boolean): string => {
  const arrays: { readonly [D in DType]: (x: ArrayLike<number>) => ArrayBufferView } = {
    f32: (x) => (double ? Float64Array.from(x) : Float32Array.from(x)),
    f16: (x) => (double ? Float64Array.from(x) : Float16Array.from(x)),
    i32: (x) => Int32Array.from(x),
    u32: (x) => Uint32Array.from(x),
    bool: (x) => Uint8Array.from(x),
  };
  const { buffer, byteOffset, byteLength } = arrays[dtype](data);
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
};

const tensors = (list: readonly HostTensor[], double: boolean) =>
  list.map(({ type, data }) => ({ ...type, data: encode(type.dtype, data, double) }));

type Reference = (options: EvaluateOptions) => readonly HostTensor[];

const write = (
  title: string,
  graph: Graph,
  inputs: readonly HostTensor[],
  reference: Reference = (options) => evaluateGraph(graph, inputs, options),
): void => {
  const record = {
    title,
    text: toText(graph),
    inputs: tensors(inputs, false),
    // In double precision, and in single: their difference tells how well conditioned the case is.
    expected: tensors(reference({}), true),
    single: tensors(reference({ round: "f32" }), true),
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
    const operands = [...inputs, ...cotangents];
    write(`vjp of ${title}`, optimize(pulled), operands, (o) => evaluateGraph(pulled, operands, o));
  } else {
    write(`jvp of ${title}`, jvpGraph(graph, wrt), [...inputs, ...tangents]);
  }
};

/** Two examples at once must be what each is alone. */
const writeBatched = (title: string, graph: Graph, examples: readonly HostTensor[][]): void => {
  const [size, all] = [examples.length, graph.inputs.map(() => true)];
  const { graph: together, batched } = vmapGraph(graph, all, size);
  const inputs = range(all.length).map((i) => stack(examples.map((x) => at(x, i))));
  write(`vmap of ${title}`, together, inputs, (options) => {
    const results = examples.map((x) => evaluateGraph(graph, x, options));
    return batched.map((here, i) =>
      here ? stack(results.map((x) => at(x, i))) : at(at(results, 0), i),
    );
  });
};

for (const c of allCases) {
  const [graph, inputs] = [caseGraph(c), sampleInputs(c)];
  write(c.title, graph, inputs);
  if (c.gradient !== "none") writeDerivatives(c.title, graph, inputs, c.gradient === "both");
  if (inputs.length > 0) writeBatched(c.title, graph, [inputs, sampleInputs(c, 1)]);
}
const halves: TensorType = { shape: [4], dtype: "f16" };
const half = hostTensor(halves, [0.1, -65504, 6e-8, 1.5].map(Math.f16round));
write(
  "half precision",
  buildGraph([halves], (b, [x]) => [
    b.convert(b.mul(x!, b.constant(halves, literal("f16", [0.1, Number.NaN, 1, -0]))), "f32"),
  ]),
  [half],
);
for (const dtype of ["f32", "i32", "u32", "bool"] as const) {
  // Long enough to be written as bytes.
  const random = generator(dtype);
  const draw =
    dtype === "f32" ? random : () => Math.floor((dtype === "bool" ? 2 : 2 ** 32) * random());
  const type: TensorType = { shape: [20, 30], dtype };
  const data = literal(dtype, range(600).map(draw));
  write(
    `large constant ${dtype}`,
    buildGraph([], (b) => [b.constant(type, data)]),
    [],
  );
}
for (const smoothness of ["any", "smooth"] as const) {
  const samples = fc.sample(randomGraphs({ smoothness }), { numRuns: RANDOM_GRAPHS, seed: 1 });
  samples.forEach(({ graph, inputs }, i) => {
    const title = `${smoothness} random graph ${i}`;
    write(title, graph, inputs);
    if (smoothness === "smooth") writeDerivatives(title, graph, inputs, i % 4 !== 0);
  });
}
