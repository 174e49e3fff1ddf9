import * as tf from "@tensorflow/tfjs-core";
import { Builder } from "../../src/ir/builder.ts";
import { sameShape } from "../../src/ir/shape.ts";
import type { Value } from "../../src/ir/types.ts";
import { KernelCall, lowerings } from "../../src/trace/lower/index.ts";
import type { GraphBackend } from "./backend.ts";

const NUMERIC: ReadonlySet<unknown> = new Set(["float32", "int32", "bool"]);

/** Whether the IR has the types of a kernel call: it has neither strings nor complex numbers. */
const isNumeric = (inputs: object, attrs: Readonly<Record<string, unknown>>): boolean =>
  Object.values(inputs).every((x: tf.TensorInfo | null) => x == null || NUMERIC.has(x.dtype)) &&
  (attrs.dtype == null || NUMERIC.has(attrs.dtype)) &&
  typeof attrs.value !== "string";

const created = (backend: GraphBackend, value: Value, atOnce: boolean): tf.TensorInfo => {
  const info = backend.tensorOf(value);
  if (atOnce) backend.readSync(info.dataId);
  return info;
};

/** Records kernel calls as nodes of a graph. */
const recorded =
  (kernel: string, borrowed: tf.KernelFunc | undefined, atOnce: boolean): tf.KernelFunc =>
  (params) => {
    const attrs = params.attrs ?? {};
    if (!isNumeric(params.inputs, attrs)) {
      if (borrowed === undefined) throw new Error(`${kernel}: no kernel for these types`);
      return borrowed(params);
    }
    const backend = params.backend as GraphBackend;
    const b = new Builder();
    const tensors = Object.entries(params.inputs).filter(([, x]) => x != null);
    // A tensor can be another view of the same data.
    const operand = (x: tf.TensorInfo): Value => {
      const value = backend.valueOf(x);
      return sameShape(value.type.shape, x.shape) ? value : b.reshape(value, x.shape);
    };
    const operands = new Map(tensors.map(([name, x]) => [name, operand(x)]));
    const result = lowerings[kernel]!(
      new KernelCall(b, kernel, Object.fromEntries(operands), attrs as Record<string, unknown>),
    );
    const tensor = (value: Value): tf.TensorInfo => {
      const same = tensors.find(([name]) => operands.get(name) === value)?.[1];
      if (same === undefined) return created(backend, value, atOnce);
      backend.incRef(same.dataId);
      return { dataId: same.dataId, shape: same.shape, dtype: same.dtype };
    };
    return "type" in result ? tensor(result) : result.map(tensor);
  };

/** Kernels that the last run borrowed from the cpu backend because they have no lowering. */
export const borrowedKernels = (): string[] =>
  tf
    .getKernelsForBackend("cpu")
    .map(({ kernelName }) => kernelName)
    .filter((name) => lowerings[name] === undefined);

/**
 * Registers every kernel for a backend: recorded where it has a lowering, else tfjs's own. With
 * `atOnce` each call is computed when it is recorded, else when somebody reads a result.
 */
export const registerKernels = (backendName: string, atOnce: boolean): void => {
  const cpu = new Map(tf.getKernelsForBackend("cpu").map((k) => [k.kernelName, k]));
  for (const [kernelName, config] of cpu) {
    if (lowerings[kernelName] === undefined) tf.registerKernel({ ...config, backendName });
  }
  for (const kernelName of Object.keys(lowerings)) {
    const kernelFunc = recorded(kernelName, cpu.get(kernelName)?.kernelFunc, atOnce);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
};
