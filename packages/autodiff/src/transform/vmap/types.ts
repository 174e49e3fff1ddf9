import type { Builder } from "../../ir/builder.ts";
import type { Graph, OpAttrs, OpName, Value } from "../../ir/types.ts";

/** Values of which some hold one result per example, stacked on axis 0. */
export interface Batched {
  readonly outputs: readonly Value[];
  readonly batched: readonly boolean[];
}

/** Emits a graph for `size` examples at once; inputs marked `batched` hold one example per row of axis 0. */
export type VmapInto = (
  b: Builder,
  graph: Graph,
  inputs: readonly Value[],
  batched: readonly boolean[],
  size: number,
) => Batched;

/** What the batching rule of an operation sees; at least one operand is batched. */
export interface BatchArgs<K extends OpName> {
  readonly inputs: readonly Value[];
  readonly batched: readonly boolean[];
  readonly attrs: OpAttrs[K];
  readonly size: number;
  /** For the graphs inside the operation. */
  readonly vmapInto: VmapInto;
}

/** Emits an operation for all examples at once. */
export type BatchRule<K extends OpName> = (b: Builder, args: BatchArgs<K>) => Batched;
