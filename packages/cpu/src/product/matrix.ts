import type { Buffer } from "../kernel/kernel.ts";

/** A matrix for each step of a loop over batches; strides count elements. */
export interface Matrix {
  readonly buffer: Buffer;
  /** Place of the first element. */
  readonly offset: number;
  readonly batch: readonly number[];
  readonly row: number;
  readonly column: number;
}

/** out = lhs · rhs for every step of the loop `batch`, in f32. Sizes are above 0; columns of `out` are neighbours. */
export interface MatrixProduct {
  readonly name: string;
  readonly batch: readonly number[];
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly lhs: Matrix;
  readonly rhs: Matrix;
  readonly out: Matrix;
}
