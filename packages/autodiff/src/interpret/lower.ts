import type { OpAttrs, OpName, TensorType } from "../ir/types.ts";
import type { Emitter } from "./emitter.ts";
import type { Val } from "./ref.ts";

/** Turns one operation into kernels; `types` are the result types. */
export type Lower<K extends OpName> = (
  e: Emitter,
  inputs: readonly Val[],
  attrs: OpAttrs[K],
  types: readonly TensorType[],
) => readonly Val[];

/** Lowering of an operation with one result. */
export type LowerOne<K extends OpName> = (
  e: Emitter,
  inputs: readonly Val[],
  attrs: OpAttrs[K],
  type: TensorType,
) => Val;

/** Adapts a lowering with one result. */
export const single =
  <K extends OpName>(lower: LowerOne<K>): Lower<K> =>
  (e, inputs, attrs, types) => [lower(e, inputs, attrs, types[0]!)];
