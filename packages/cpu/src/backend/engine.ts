import type { Graph } from "@layerwise/autodiff/executor";

/** A piece of the heap that one value occupies. */
export interface HeapRegion {
  readonly address: number;
  readonly bytes: number;
}

/** What computes graphs on values in a heap. */
export interface ComputeEngine {
  /** The heap; its buffer may be another one after each allocation. */
  readonly memory: { readonly buffer: ArrayBufferLike };
  /** The address of a fresh region. */
  allocate(bytes: number): number;
  /** Takes a region back that `allocate` or a run has returned. */
  free(address: number): void;
  /** Makes an optimized graph ready to run; inputs at the positions in `donate` may be taken over. */
  prepare(graph: Graph, donate: readonly number[]): Prepared;
}

/** A graph that can run. */
export interface Prepared {
  /**
   * Takes the addresses of the inputs and returns those of fresh regions, one per output. The region
   * of an input that is donated and marked as owned may be taken over: then its address comes back as
   * an output's, and otherwise it stays the caller's.
   */
  run(inputs: readonly number[], owned: readonly boolean[]): number[];
  /** Frees what the graph keeps. */
  dispose(): void;
}
