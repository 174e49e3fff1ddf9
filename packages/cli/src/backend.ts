import { cpu } from "@layerwise/cpu";
import { type WebGPU, webgpu } from "@layerwise/webgpu";
import type { BackendOptions } from "./backend-name.ts";

/** Starts the backend and says which it is. */
export async function startBackend({ backend }: BackendOptions): Promise<string> {
  if (backend !== "cpu") {
    const gpu = await webgpu().catch((error: unknown) => {
      if (backend === "webgpu") throw error;
    });
    // Software that imitates a GPU is slower than software that does not.
    if (gpu && (backend === "webgpu" || !gpu.adapter.isFallback)) return `webgpu: ${gpu.label}`;
    (gpu as WebGPU | undefined)?.destroy();
  }
  const { backend: name, simd, threads, reason } = await cpu();
  const features = [simd && "SIMD", threads > 1 && `${threads} threads`].filter(Boolean).join(", ");
  return [`cpu: ${name}`, features && ` (${features})`, reason && `: ${reason}`]
    .filter(Boolean)
    .join("");
}
