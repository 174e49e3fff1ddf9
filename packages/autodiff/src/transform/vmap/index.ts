export { batchRules } from "./rules/index.ts";
export { type BatchedGraph, fromFront, repeat, toFront } from "./stack.ts";
export type { BatchArgs, Batched, BatchRule, VmapInto } from "./types.ts";
export { vmapGraph, vmapInto } from "./vmap.ts";
