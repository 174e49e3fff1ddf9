export { KernelCall } from "./kernel-call.ts";
export type { Lowering } from "./lowering.ts";
export { lowerings, type TracedKernel } from "./table.ts";
