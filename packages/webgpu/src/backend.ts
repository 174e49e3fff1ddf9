import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { AdapterDescription } from "./adapter.ts";
import { registerKernels } from "./kernels/register.ts";

/** Makes tfjs's `webgpu` backend run on the given device, and makes it the active backend. */
export const activateBackend = async (
  device: GPUDevice,
  adapter: AdapterDescription,
  lost: WeakSet<GPUDevice>,
): Promise<void> => {
  // Imported here, as the module registers a backend and all its kernels when it is evaluated.
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  const present = initializedBackend();
  if (present?.device !== device) {
    if (present !== undefined && !lost.has(present.device) && present.numDataIds() > 0) {
      throw new Error(
        `webgpu: tfjs already holds ${present.numDataIds()} tensors on a WebGPU device of its own; ` +
          "call webgpu() before the first tensor is made there, or dispose them",
      );
    }
    if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
    // tfjs runs the factory again after a reset, so it must not open another device.
    const info = adapter as unknown as GPUAdapterInfo;
    tf.registerBackend("webgpu", async () => new WebGPUBackend(device, info), 3);
  }
  registerKernels();
  if (!(await tf.setBackend("webgpu"))) {
    throw new Error("webgpu: tfjs could not start its webgpu backend; the console has the reason");
  }
  await tf.ready();
};

/** Returns tfjs's `webgpu` backend if it runs on the given device. */
export const findActiveBackend = (device: GPUDevice): WebGPUBackend | undefined => {
  const backend = initializedBackend();
  return backend?.device === device ? backend : undefined;
};

// Not tf.findBackend: that would start tfjs's own backend, on a device of its own, where there is none yet.
const initializedBackend = (): WebGPUBackend | undefined =>
  tf.engine().registry.webgpu as WebGPUBackend | undefined;
