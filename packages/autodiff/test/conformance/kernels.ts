import * as tf from "@tensorflow/tfjs-core";
import { Builder } from "../../src/ir/builder.ts";
import { sameShape } from "../../src/ir/shape.ts";
import type { Value } from "../../src/ir/types.ts";
import { KernelCall, lowerings } from "../../src/trace/lower/index.ts";
import type { GraphBackend } from "./backend.ts";
import { stats } from "./stats.ts";

type Attrs = Readonly<Record<string, unknown>>;

const NUMERIC: ReadonlySet<unknown> = new Set(["float32", "int32", "bool"]);

/** Whether the IR has the types of a kernel call: it has neither strings nor complex numbers. */
const isNumeric = (inputs: object, attrs: Attrs): boolean =>
  Object.values(inputs).every((x: tf.TensorInfo | null) => x == null || NUMERIC.has(x.dtype)) &&
  (attrs.dtype == null || NUMERIC.has(attrs.dtype)) &&
  typeof attrs.value !== "string";

/** A kernel of the cpu backend, counted. */
const borrow =
  ({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc =>
  (params) => {
    stats.borrowed[kernelName] = (stats.borrowed[kernelName] ?? 0) + 1;
    return kernelFunc(params);
  };

const created = (backend: GraphBackend, value: Value, atOnce: boolean): tf.TensorInfo => {
  const info = backend.tensorOf(value);
  if (atOnce) backend.readSync(info.dataId);
  return info;
};

/** Records the calls of a kernel as nodes of a graph. */
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
    const tensors = Object.entries(params.inputs).filter(([, x]) => x != null) as [
      string,
      tf.TensorInfo,
    ][];
    // A tensor can be another view of the same data.
    const operand = (x: tf.TensorInfo): Value => {
      const value = backend.valueFor(x);
      return sameShape(value.type.shape, x.shape) ? value : b.reshape(value, x.shape);
    };
    const operands = new Map(tensors.map(([name, x]) => [name, operand(x)]));
    const call = new KernelCall(b, kernel, Object.fromEntries(operands), attrs as Attrs);
    const result = lowerings[kernel]!(call);
    // A kernel that does nothing returns its operand's data once more, as tfjs's own do.
    const tensor = (value: Value): tf.TensorInfo => {
      const same = tensors.find(([name]) => operands.get(name) === value)?.[1];
      if (same === undefined) return created(backend, value, atOnce);
      backend.incRef(same.dataId);
      return { dataId: same.dataId, shape: same.shape, dtype: same.dtype };
    };
    return "type" in result ? tensor(result) : result.map(tensor);
  };

/**
 * Registers every kernel for a backend: recorded where it has a lowering, else tfjs's own. With
 * `atOnce` each call is computed when it is recorded, else when somebody reads a result.
 */
export const registerKernels = (backendName: string, atOnce: boolean): void => {
  const cpu = new Map(tf.getKernelsForBackend("cpu").map((k) => [k.kernelName, k]));
  for (const [kernelName, config] of cpu) {
    if (lowerings[kernelName] !== undefined) continue;
    tf.registerKernel({ ...config, backendName, kernelFunc: borrow(config) });
  }
  for (const kernelName of Object.keys(lowerings)) {
    const own = cpu.get(kernelName);
    const kernelFunc = recorded(kernelName, own && borrow(own), atOnce);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
};
