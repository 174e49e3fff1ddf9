import {
  Builder,
  type Graph,
  literal,
  range,
  sizeOf,
  type Value,
} from "@layerwise/autodiff/executor";
import type { Engine } from "../../src/engine/engine.ts";

const f32 = (...shape: number[]) => ({ shape, dtype: "f32" }) as const;

/** A graph worth several threads: products in three layouts, element-wise chains, sums along each axis and of everything, a loop. */
export const large = (): Graph => {
  const b = new Builder();
  const [x, w, v] = [b.input(f32(100, 257)), b.input(f32(257, 130)), b.input(f32(100, 130))];
  const product = (p: Value, q: Value, lhs: number, rhs: number, into = b): Value =>
    into.dot(p, q, { lhsBatch: [], rhsBatch: [], lhsContracting: [lhs], rhsContracting: [rhs] });
  const h = b.map("logistic", product(x, w, 1, 0));
  const error = b.sub(h, v);
  const dw = product(x, error, 0, 0);
  const dx = product(error, w, 1, 1);
  const loss = b.reduce(b.mul(error, error), "add", [0, 1]);
  const columns = b.reduce(error, "add", [0]);
  const rows = b.reduce(b.map("exponential", error), "add", [1]);
  const step = new Builder();
  const carry = step.input(f32(100, 130));
  const weights = step.input(f32(130, 130));
  const next = step.map("tanh", product(carry, step.scale(weights, 0.1), 1, 0, step));
  const body = step.finish([next, step.reduce(next, "add", [0])]);
  const reordered = { ...body, inputs: [weights, carry] };
  const scan = b.emit(
    "scan",
    [b.reduce(dw, "add", [0]), error].map((value, i) =>
      i === 0 ? b.broadcastInDim(value, [130, 130], [1]) : value,
    ),
    {
      body: reordered,
      length: 7,
      numConsts: 1,
      numCarry: 1,
      reverse: false,
    },
  );
  return b.finish([
    loss,
    columns,
    rows,
    dw,
    dx,
    ...scan,
    b.constant(f32(3), literal("f32", [1, 2, 3])),
  ]);
};

/** Runs a graph some times; the bytes of all results of each run. */
export const run = (engine: Engine, graph: Graph, times: number): Uint8Array[] => {
  const prepared = engine.prepare(graph, []);
  const addresses = graph.inputs.map(({ type }, n) => {
    const size = sizeOf(type.shape);
    const address = engine.allocate(4 * size);
    const values = range(size).map((i) => Math.sin(i * 12.9898 + n) * 0.5);
    engine.heap.f32(address, size).set(values);
    return address;
  });
  const owned = addresses.map(() => false);
  return range(times).map(() => {
    const outputs = prepared.run(addresses, owned);
    const bytes = outputs.map((address, i) =>
      engine.heap.u8(address, 4 * sizeOf(graph.outputs[i]!.type.shape)).slice(),
    );
    for (const address of outputs) engine.free(address);
    const all = new Uint8Array(bytes.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of bytes) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  });
};
