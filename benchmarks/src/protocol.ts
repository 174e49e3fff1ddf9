/** What the parent asks, one line of JSON each. */
export type Request =
  | { readonly kind: "start"; readonly path: string }
  /** `steps` steps after `leadIn` milliseconds of steps that do not count; none begins `limit` milliseconds later. */
  | {
      readonly kind: "steps";
      readonly steps: number;
      readonly leadIn?: number;
      readonly limit?: number;
    };

/** The first line that a child prints. */
export interface Hello {
  readonly versions: Readonly<Record<string, string>>;
}

/** Answer to `steps`. */
export interface Samples {
  /** Milliseconds of each step (of a batch, where a step is a call of `fit`), until its loss is known. */
  readonly ms: readonly number[];
  readonly losses: readonly number[];
  /** Milliseconds per step that the process spent on CPUs, all threads together. */
  readonly cpu: number;
}
