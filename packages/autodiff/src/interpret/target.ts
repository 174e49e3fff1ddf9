import {
  engine,
  getKernel,
  type KernelBackend,
  type KernelFunc,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { Shape } from "../ir/types.ts";
import type { Elements } from "./host-kernels/memory.ts";
import { registerHostKernels } from "./host-kernels/register.ts";
import type { TfType } from "./ref.ts";

/** The tfjs backend that a plan runs on. */
export interface Target {
  readonly name: string;
  readonly backend: KernelBackend;
  /** Whether values can be read in the middle of a synchronous run. */
  readonly readsSync: boolean;
  /** The kernel of that name, where the backend has it. */
  readonly find: (kernel: string) => KernelFunc | undefined;
}

export type { Elements };

/** The registered backend of that name, or the active one. */
export const targetOf = (wanted?: string): Target => {
  // Asking for the backend initialises it, or says why it cannot be yet.
  const active = wanted === undefined ? engine().backend : undefined;
  const name = wanted ?? engine().backendName;
  const backend = active ?? engine().findBackend(name);
  if (backend === null || backend === undefined) {
    throw new Error(`interpreter: no initialised tfjs backend "${name}"; await tf.ready() first`);
  }
  const readsSync = name !== "webgpu";
  if (readsSync) registerHostKernels(name);
  return {
    name,
    backend,
    readsSync,
    find: (kernel) => getKernel(kernel, name)?.kernelFunc,
  };
};

/** Numbers as the typed array that tfjs keeps for a type. */
export const elementsOf = (dtype: TfType, data: ArrayLike<number>): Elements => {
  if (dtype === "float32") return Float32Array.from(data);
  return dtype === "int32" ? Int32Array.from(data, (v) => v | 0) : Uint8Array.from(data);
};

/** Copies elements to the backend; the caller owns the result. */
export const upload = (
  backend: KernelBackend,
  values: Elements,
  shape: Shape,
  dtype: TfType,
): TensorInfo => {
  const sizes = [...shape];
  return { dataId: backend.write(values, sizes, dtype), shape: sizes, dtype };
};
