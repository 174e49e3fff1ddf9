// @boundaries-ignore autodiff's harness for the specs
import type { SpecOutcome, Task } from "../../../autodiff/test/conformance/modes.ts";
import type { EngineCounts } from "../backend/host-engine.ts";

export type { SpecOutcome, Task };

/** What a worker answers. */
export interface Report {
  readonly specs: readonly SpecOutcome[];
  readonly stats: Stats;
}

/** Counts of a run, to see that it did what its mode says. */
export interface Stats extends Readonly<EngineCounts> {
  /** Calls of `tf.grad` and its relatives that were traced and compiled. */
  readonly gradients: number;
  /** Regions of the engine's heap that tensors occupy after the last spec. */
  readonly regions: number;
}
