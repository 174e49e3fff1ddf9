/**
 * How a run of the specs computes:
 * - `cpu`: tfjs's own cpu kernels, the control;
 * - `eager`: every kernel call is lowered to a graph of its own, optimized and interpreted at once;
 * - `lazy`: kernels only record; what somebody reads is optimized and interpreted as a whole graph;
 * - `host`: as `eager`, evaluated on the host;
 * - `gradients`: cpu kernels, but `tf.grad` and its relatives are traced and differentiated on the IR.
 */
export const MODES = ["cpu", "eager", "lazy", "host", "gradients"] as const;

/** One of {@link MODES}. */
export type Mode = (typeof MODES)[number];

/** What a worker is told. */
export interface Task {
  readonly mode: Mode;
  /** A regular expression for the full names of the specs to run. */
  readonly filter: string;
  /** Path of Jasmine's file. */
  readonly jasmine: string;
}

/** What became of one spec. */
export interface SpecOutcome {
  readonly name: string;
  readonly status: "passed" | "failed" | "pending" | "excluded";
  readonly message: string;
}

/** What a worker answers. */
export interface Report {
  readonly specs: readonly SpecOutcome[];
  readonly stats: Stats;
}

/** Counts of a run, to see that it did what its mode says. */
export interface Stats {
  /** Graphs evaluated, and their nodes. */
  graphs: number;
  nodes: number;
  largestGraph: number;
  /** Calls of `tf.grad` and its relatives that were differentiated on the IR. */
  gradients: number;
  /** Calls of cpu kernels because the IR has no strings or complex numbers, or no such kernel. */
  readonly borrowed: Record<string, number>;
}
