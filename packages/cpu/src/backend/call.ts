import type { Entry } from "./entry.ts";
import type { Template } from "./template.ts";

/** A call of a kernel that waits to be computed. */
export interface Call {
  readonly template: Template;
  /** The inputs of the template's graph. */
  readonly operands: readonly Entry[];
  /** The outputs of the template's graph. */
  readonly outputs: readonly Entry[];
  /** Set while a flush looks for the calls that somebody needs. */
  needed: boolean;
}
