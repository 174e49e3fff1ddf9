export type { AdapterDescription } from "./adapter.ts";
export { WebGPUUnavailableError, type WebGPUUnavailableReason } from "./error.ts";
export type { Dawn, Runtime } from "./runtime.ts";
export { type GPUMemory, type WebGPU, type WebGPUOptions, webgpu } from "./webgpu.ts";
