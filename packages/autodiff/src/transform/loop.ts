import type { Node, OpAttrs, Value } from "../ir/types.ts";
import type { Tangent } from "./types.ts";

/** A list in the three parts of a scan's operands. */
export interface Parts<T> {
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
}

/** The parts of a list of a scan's operands or of its body's inputs. */
export const parts = <T>(
  list: readonly T[],
  { numConsts, numCarry }: Pick<OpAttrs["scan"], "numConsts" | "numCarry">,
): Parts<T> => ({
  consts: list.slice(0, numConsts),
  carry: list.slice(numConsts, numConsts + numCarry),
  xs: list.slice(numConsts + numCarry),
});

/** Inverse of `parts`. */
export const flat = <T>({ consts, carry, xs }: Parts<T>): T[] => [...consts, ...carry, ...xs];

/** The given ones of some tangents. */
export const givenOf = (tangents: readonly Tangent[]): Value[] =>
  tangents.filter((t) => t !== undefined);

/** Nodes that compute one round of a loop together with its tangents. */
export interface LoopBody {
  readonly nodes: readonly Node[];
  readonly primals: Parts<Value>;
  /** The inputs that stand for tangents; `undefined` where a value has none. */
  readonly tangents: Parts<Tangent>;
  /** Next carry, then slices of the stacked outputs. */
  readonly outputs: readonly Value[];
  /** Tangents of the carries that have one. */
  readonly carryTangents: readonly Value[];
  /** Tangents of the slices. */
  readonly stackedTangents: readonly Tangent[];
}
