import * as tf from "@tensorflow/tfjs-core";
import { create, globals } from "webgpu";

/** Makes tfjs's own WebGPU backend available in Node; false where there is no GPU. */
export const openWebGPU = async (): Promise<boolean> => {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  // tfjs looks for WebGPU while it is imported.
  await import("@tensorflow/tfjs-backend-webgpu");
  if ((await gpu.requestAdapter()) === null) return false;
  // Without this, kernels on small tensors would run in JavaScript.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  return true;
};
