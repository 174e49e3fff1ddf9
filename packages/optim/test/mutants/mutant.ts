import type { Edit } from "./edit.ts";

/** A mistake that the tests must notice. */
export interface Mutant extends Edit {
  readonly name: string;
  /** Rows of the table of optimizers whose golden trajectories are tried first, as a pattern. */
  readonly rows?: string;
  /** Test files to try first, in place of trajectories. */
  readonly tests?: readonly string[];
}
