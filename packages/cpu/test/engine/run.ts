import { type Graph, type HostTensor, sizeOf, type TensorType } from "@layerwise/autodiff/executor";
import { Engine } from "../../src/engine/engine.ts";

let shared: Engine | undefined;

/** One engine for all tests of a file. */
export const engine = (): Engine => {
  shared ??= new Engine();
  return shared;
};

type Elements = Float32Array | Int32Array | Uint32Array | Uint8Array;

const view = ({ dtype, shape }: TensorType, address: number): Elements => {
  const { buffer } = engine().memory;
  const size = sizeOf(shape);
  switch (dtype) {
    case "f32":
    case "f16":
      return new Float32Array(buffer, address, size);
    case "i32":
      return new Int32Array(buffer, address, size);
    case "u32":
      return new Uint32Array(buffer, address, size);
    case "bool":
      return new Uint8Array(buffer, address, size);
  }
};

const bytesOf = ({ dtype, shape }: TensorType): number =>
  sizeOf(shape) * (dtype === "bool" ? 1 : 4);

/** Runs a graph several times on the same inputs; checks that inputs stay as they are and nothing leaks. */
export const runGraph = (graph: Graph, inputs: readonly HostTensor[], times = 2): number[][][] => {
  const e = engine();
  const inUse = () => e.heap.bytesInUse - e.pool.scratchBytes;
  const before = inUse();
  const prepared = e.prepare(graph, []);
  const addresses = inputs.map(({ type, data }) => {
    const address = e.allocate(bytesOf(type));
    view(type, address).set(data);
    return address;
  });
  const runs = Array.from({ length: times }, () => {
    const outputs = prepared.run(
      addresses,
      addresses.map(() => false),
    );
    const read = outputs.map((address, i) => Array.from(view(graph.outputs[i]!.type, address)));
    for (const address of outputs) e.free(address);
    return read;
  });
  inputs.forEach(({ type, data }, i) => {
    const now = view(type, addresses[i]!);
    data.forEach((x, j) => {
      if (!Object.is(now[j], type.dtype === "f32" ? Math.fround(x) : x))
        throw new Error(`input ${i} was changed`);
    });
  });
  for (const address of addresses) e.free(address);
  prepared.dispose();
  e.reset();
  if (inUse() !== before) throw new Error(`${inUse() - before} bytes leaked`);
  return runs;
};
