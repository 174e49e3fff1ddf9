import type { Fixtures } from "../fixtures.ts";

/** A training loop that has its weights and batches on the device. */
export interface Trainer {
  /** Takes one training step on batch `index` and gives the loss before the step. */
  step(index: number): Promise<number>;
}

/** A library in one configuration. */
export interface Contestant {
  /** Versions of what computes, by package name. */
  readonly versions: Readonly<Record<string, string>>;
  start(fixtures: Fixtures): Promise<Trainer>;
}
