import type { DType, Monoid, OpAttrs } from "@layerwise/autodiff/executor";
import type { Buffer } from "../kernel/kernel.ts";
import type { LaneOp } from "../lane/lane.ts";

/** Where the element of a loop's indices is: element `offset + Σ index·stride` of a buffer. */
export interface Access {
  readonly buffer: Buffer;
  readonly offset: number;
  /** Elements per step of each axis of the loop; 0 where the value does not depend on it. */
  readonly strides: readonly number[];
}

/** What a loop computes in each step, in an order in which it can run. */
export type Step =
  | { readonly kind: "load"; readonly dtype: DType; readonly access: Access }
  /** The same number at all places: a float, an integer, or 0 and 1 for bool. */
  | { readonly kind: "constant"; readonly dtype: DType; readonly value: number }
  /** `offset + Σ index·stride` as an integer, converted to `dtype` (iota). */
  | {
      readonly kind: "index";
      readonly dtype: DType;
      readonly offset: number;
      readonly strides: readonly number[];
    }
  | LaneStep;

/** An operation on earlier results. `threefry2x32` takes steps for (key 0, key 1, x0, x1). */
export type LaneStep = {
  readonly [K in LaneOp]: {
    readonly kind: "op";
    readonly op: K;
    readonly attrs: OpAttrs[K];
    readonly dtype: DType;
    readonly inputs: readonly Operand[];
  };
}[LaneOp];

/** Result number `output` (0 but for threefry2x32) of step number `step`. */
export interface Operand {
  readonly step: number;
  readonly output: number;
}

/** Writes a result of the steps to memory. Loops write every element at most once. */
export interface Store {
  readonly value: Operand;
  readonly access: Access;
}

/** For all indices below `sizes`: run the steps, store results. Accesses of stores have no stride 0 on an axis longer than 1. */
export interface MapLoop {
  readonly sizes: readonly number[];
  readonly steps: readonly Step[];
  readonly stores: readonly Store[];
}

/**
 * The same with results folded along axes: `sizes` are those of the axes kept, then of the axes
 * folded. The access of a fold has stride 0 on the folded axes; it writes bool for `and` and `or`
 * of bool. `stores` write what is computed for every element on the way (may be empty).
 */
export interface FoldLoop extends MapLoop {
  /** Number of leading axes that are kept. */
  readonly kept: number;
  readonly folds: readonly Fold[];
}

/** One result of a fold. Sums of floats keep a relative error of about 1e-6 for any length. */
export interface Fold {
  readonly value: Operand;
  readonly monoid: Monoid;
  readonly access: Access;
}
