import { type KernelBackend, registerBackend as registerWithTfjs } from "@tensorflow/tfjs-core";
import { LayerwiseCPU } from "./backend.ts";
import { Device } from "./device.ts";
import type { ComputeEngine } from "./engine.ts";
import { registerKernels } from "./kernels.ts";
import type { Mode } from "./recorder.ts";

/** The name under which tfjs knows the backend. */
export const BACKEND_NAME = "layerwise-cpu";

/** Settings of {@link registerBackend}. */
export interface RegisterOptions {
  /** Whether kernels are computed together (the default) or each at once. */
  readonly mode?: Mode;
  /** Default: {@link BACKEND_NAME}. */
  readonly name?: string;
}

/**
 * Registers the backend and all of its kernels with tfjs. The engine is created when the backend is first used,
 * and serves all further instances of it.
 */
export const registerBackend = (
  createEngine: () => ComputeEngine,
  { mode = "lazy", name = BACKEND_NAME }: RegisterOptions = {},
): void => {
  const device = new Device(createEngine);
  const factory = (): KernelBackend => new LayerwiseCPU(device, mode);
  if (registerWithTfjs(name, factory, 1)) registerKernels(name, device);
};
