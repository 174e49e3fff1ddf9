// Runs nodes of products on sample operands and compares with the host.
import {
  at,
  Builder,
  evaluateNode,
  type HostTensor,
  hostTensor,
  type NodeOf,
  type OpAttrs,
  type OpName,
  sizeOf,
  type TensorType,
  type Value,
} from "@layerwise/autodiff/executor";
import type { Allocator, Buffer, Kernel } from "../../src/kernel/kernel.ts";
import { type ProductOptions, productLibrary } from "../../src/product/library.ts";
import { runKernels } from "../support/run-kernels.ts";

const MEMORY = { shared: false, initial: 1, maximum: 65536 };

/** The node of an operation on inputs of these types. */
export const nodeOf = <K extends OpName>(
  op: K,
  attrs: OpAttrs[K],
  types: readonly TensorType[],
): NodeOf<K> => {
  const b = new Builder();
  const outputs = b.emit(
    op,
    types.map((t) => b.input(t)),
    attrs,
  );
  return outputs[0]?.producer as unknown as NodeOf<K>;
};

/** One node and its operands. */
export interface Run<K extends OpName> {
  readonly node: NodeOf<K>;
  readonly inputs: readonly HostTensor[];
}

/** Runs the kernels of nodes, all in one module; returns the elements of their results. */
export const runNodes = <K extends OpName>(
  lower: (node: NodeOf<K>, allocator: Allocator) => readonly Kernel[],
  runs: readonly Run<K>[],
  options: ProductOptions = {},
): ArrayLike<number>[] => {
  const buffers = new Map<Value, Buffer>();
  const given = new Map<Buffer, HostTensor["data"]>();
  for (const { node, inputs } of runs) {
    for (const value of [...node.inputs, ...node.outputs]) {
      buffers.set(value, { dtype: value.type.dtype, size: sizeOf(value.type.shape) });
    }
    node.inputs.forEach((value, i) => {
      given.set(buffers.get(value) as Buffer, at(inputs, i).data);
    });
  }
  const allocator: Allocator = {
    bufferOf: (value) => buffers.get(value) as Buffer,
    temporary: (dtype, size) => ({ dtype, size }),
  };
  const kernels = runs.flatMap(({ node }) => lower(node, allocator));
  const results = runs.map(({ node }) => allocator.bufferOf(at(node.outputs, 0)));
  return runKernels(kernels, given, results, productLibrary(MEMORY, options));
};

const magnitude = ({ type, data }: HostTensor): HostTensor =>
  hostTensor(type, Float64Array.from(data, Math.abs));

/**
 * Largest |computed − host| / Σ|a||b| over the elements, with the host in float64. Elements that
 * are not finite must be the same; integers must be equal.
 */
export const errorOf = <K extends "dot_general" | "convolution">(
  { node, inputs }: Run<K>,
  computed: ArrayLike<number>,
): number => {
  const [expected] = evaluateNode<K>(node.op, inputs, node.attrs) as [HostTensor];
  const float = expected.type.dtype === "f32";
  const scale = float ? evaluateNode<K>(node.op, inputs.map(magnitude), node.attrs)[0] : undefined;
  let worst = computed.length === expected.data.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < expected.data.length; i++) {
    const [x, y] = [computed[i] as number, expected.data[i] as number];
    if (Object.is(x, y) || x === y) continue;
    const size = scale?.data[i] ?? 0;
    const error = Math.abs(x - y) / size;
    worst = Math.max(worst, Number.isFinite(error) ? error : Number.POSITIVE_INFINITY);
  }
  return worst;
};
