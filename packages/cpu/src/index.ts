export { type CPU, type CPUOptions, cpu } from "./cpu.ts";
export type { WasmPaths } from "./runtime.ts";
