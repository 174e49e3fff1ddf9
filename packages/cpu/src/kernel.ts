import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  getKernel,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from "@tensorflow/tfjs-core";

/** What a kernel function gets. */
export type KernelArguments = Parameters<KernelConfig["kernelFunc"]>[0];

/** Calls another wasm kernel that has one output, below tfjs's engine, which would track the result. */
export const runKernel = (
  backend: BackendWasm,
  name: string,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
): TensorInfo => getKernel(name, "wasm").kernelFunc({ inputs, attrs, backend }) as TensorInfo;

/** Puts another function in the place of a wasm kernel's, once. */
export const replaceKernel = (
  kernelName: string,
  makeFunc: (original: KernelConfig["kernelFunc"]) => KernelConfig["kernelFunc"],
): void => {
  const original = getKernel(kernelName, "wasm");
  if (replacements.has(original)) return;
  unregisterKernel(kernelName, "wasm");
  // The rest of the original stays, its setupFunc above all: it binds the function inside the wasm module.
  const replacement = { ...original, kernelFunc: makeFunc(original.kernelFunc) };
  replacements.add(replacement);
  registerKernel(replacement);
};

const replacements = new WeakSet<KernelConfig>();
