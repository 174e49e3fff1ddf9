export { batchRules } from "./rules/index.ts";
export type { BatchedGraph } from "./stack.ts";
export type { BatchArgs, Batched, BatchRule, VmapInto } from "./types.ts";
export { vmapGraph, vmapInto } from "./vmap.ts";
