import { lowerings } from "@layerwise/autodiff/executor";
import {
  getKernelsForBackend,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { attrsKey } from "./attrs-key.ts";
import type { LayerwiseCPU } from "./backend.ts";
import type { Device } from "./device.ts";
import { copySlice } from "./slice.ts";
import type { Operand, Template } from "./template.ts";
import { isNumeric } from "./value-type.ts";

type Attrs = Readonly<Record<string, unknown>>;
type Result = TensorInfo | TensorInfo[];

// More templates than this come from attributes that never repeat.
const MOST_TEMPLATES = 4096;

/** Records the calls of one kernel. */
const recorded = (kernel: string, device: Device, borrowed: KernelFunc | undefined): KernelFunc => {
  const templates = new Map<string, Template | "borrow">();
  const make = (given: readonly Operand[], attrs: Attrs): Template | "borrow" =>
    device.templates.supports(attrs) ? device.templates.make(kernel, given, attrs) : "borrow";
  return ({ inputs, attrs, backend: active }) => {
    const backend = active as LayerwiseCPU;
    const given: TensorInfo[] = [];
    const operands: Operand[] = [];
    let key = attrsKey(attrs ?? {});
    for (const name in inputs) {
      const x = inputs[name] as TensorInfo | null | undefined;
      if (x == null) continue;
      const { dtype, type: stored } = backend.entryOf(x.dataId);
      if (stored === undefined || dtype !== x.dtype)
        return borrow(borrowed, kernel, backend, { inputs, attrs });
      const type = sameShape(stored.shape, x.shape)
        ? stored
        : device.types.of(stored.dtype, x.shape);
      given.push(x);
      operands.push({ name, type });
      key += `|${name}${type.id}`;
    }
    if (kernel === "Slice") {
      const copied = copySlice(backend, given[0]!, operands[0]!.type, (attrs ?? {}) as Attrs);
      if (copied !== undefined) return copied;
    }
    let template = templates.get(key);
    if (template === undefined) {
      template = make(operands, (attrs ?? {}) as Attrs);
      if (templates.size >= MOST_TEMPLATES) templates.clear();
      templates.set(key, template);
    }
    if (template === "borrow") return borrow(borrowed, kernel, backend, { inputs, attrs });
    const results = backend.record(template, given);
    return template.isList ? results : results[0]!;
  };
};

const sameShape = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Runs a kernel of tfjs's cpu backend. */
const borrow = (
  func: KernelFunc | undefined,
  kernel: string,
  backend: LayerwiseCPU,
  params: Pick<Parameters<KernelFunc>[0], "inputs"> & { readonly attrs: unknown },
): Result => {
  if (func === undefined) throw new Error(`${kernel}: there is no kernel for these dtypes`);
  const results = func({ ...params, backend } as Parameters<KernelFunc>[0]);
  return Array.isArray(results)
    ? results.map((x) => withOwnType(backend, x))
    : withOwnType(backend, results);
};

// tfjs's cast to a wider dtype gives the same elements another dtype; in a heap they need other bits.
const withOwnType = (backend: LayerwiseCPU, x: TensorInfo): TensorInfo => {
  const entry = backend.entryOf(x.dataId);
  if (entry.dtype === x.dtype || !isNumeric(entry.dtype) || !isNumeric(x.dtype)) return x;
  const result = backend.makeTensorInfo(x.shape, x.dtype, entry.values);
  backend.disposeData(x.dataId);
  return result;
};

/** Registers every kernel for a backend: recorded where it has a lowering, else that of tfjs's cpu backend. */
export const registerKernels = (backendName: string, device: Device): void => {
  const cpu = new Map(getKernelsForBackend("cpu").map((config) => [config.kernelName, config]));
  for (const [kernelName, config] of cpu) {
    if (lowerings[kernelName] !== undefined) continue;
    const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) =>
      borrow(config.kernelFunc, kernelName, backend as LayerwiseCPU, { inputs, attrs });
    registerKernel({ ...config, backendName, kernelFunc });
  }
  for (const kernelName of Object.keys(lowerings)) {
    const kernelFunc = recorded(kernelName, device, cpu.get(kernelName)?.kernelFunc);
    registerKernel({ kernelName, backendName, kernelFunc });
  }
};
