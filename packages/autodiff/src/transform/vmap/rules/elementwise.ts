import {
  BINARY_OPS,
  type BinaryOp,
  type OpName,
  UNARY_OPS,
  type UnaryOp,
} from "../../../ir/types.ts";
import { allStacked, everyBatched } from "../stack.ts";
import type { BatchRule } from "../types.ts";

type Elementwise =
  | UnaryOp
  | BinaryOp
  | "convert"
  | "bitcast_convert"
  | "is_finite"
  | "compare"
  | "select"
  | "clamp";

const each =
  <K extends OpName>(op: K): BatchRule<K> =>
  (b, args) =>
    everyBatched(b.emit(op, allStacked(b, args), args.attrs));

const named = Object.fromEntries([...UNARY_OPS, ...BINARY_OPS].map((op) => [op, each(op)])) as {
  readonly [K in UnaryOp | BinaryOp]: BatchRule<K>;
};

/** Batching of operations that treat every element alike: they do so with one axis more. */
export const elementwise: { readonly [K in Elementwise]: BatchRule<K> } = {
  ...named,
  convert: each("convert"),
  bitcast_convert: each("bitcast_convert"),
  is_finite: each("is_finite"),
  compare: each("compare"),
  select: each("select"),
  clamp: each("clamp"),
};
