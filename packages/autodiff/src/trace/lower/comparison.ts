import { isFloat } from "../../ir/shape.ts";
import type { BinaryOp, Direction, Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { alignPair } from "./operands.ts";

/** Kernels whose result is bool, and the choice by one. */
export type ComparisonKernel =
  | "Equal"
  | "Greater"
  | "GreaterEqual"
  | "IsFinite"
  | "IsInf"
  | "IsNan"
  | "Less"
  | "LessEqual"
  | "LogicalAnd"
  | "LogicalNot"
  | "LogicalOr"
  | "LogicalXor"
  | "NotEqual"
  | "Select";

const compare =
  (direction: Direction): Lowering =>
  (call) => {
    const [x, y] = alignPair(call.b, call.signedInput("a"), call.signedInput("b"));
    return call.b.compare(x, direction, y);
  };

const bool = (call: KernelCall, name: string): Value =>
  call.b.convert(call.signedInput(name), "bool");

const logical =
  (op: BinaryOp): Lowering =>
  (call) => {
    const [x, y] = alignPair(call.b, bool(call, "a"), bool(call, "b"));
    return call.b.map(op, x, y);
  };

// Integers are neither NaN nor infinite.
const ofFloats =
  (integers: number, test: (call: KernelCall, x: Value) => Value): Lowering =>
  (call) => {
    const x = call.signedInput("x");
    if (isFloat(x.type.dtype)) return test(call, x);
    return call.b.fill({ shape: x.type.shape, dtype: "bool" }, integers);
  };

const select: Lowering = (call) => {
  const { b } = call;
  const condition = bool(call, "condition");
  const [x, y] = alignPair(b, call.input("t"), call.input("e"));
  const { shape } = x.type;
  const count = condition.type.shape[0];
  // A vector chooses whole rows.
  const byRow = condition.type.shape.length === 1 && shape.length > 1 && count === shape[0];
  const predicate = byRow
    ? b.broadcastInDim(condition, shape, [0])
    : b.broadcastTo(condition, shape);
  return b.select(predicate, x, y);
};

/** Lowerings of comparisons and logic. */
export const comparison: Family<ComparisonKernel> = {
  Equal: compare("EQ"),
  Greater: compare("GT"),
  GreaterEqual: compare("GE"),
  IsFinite: ofFloats(1, ({ b }, x) => b.map("is_finite", x)),
  IsInf: ofFloats(0, ({ b }, x) =>
    b.compare(b.map("abs", x), "EQ", b.fill(x.type, Number.POSITIVE_INFINITY)),
  ),
  IsNan: ofFloats(0, ({ b }, x) => b.compare(x, "NE", x)),
  Less: compare("LT"),
  LessEqual: compare("LE"),
  LogicalAnd: logical("and"),
  LogicalNot: (call) => call.b.map("not", bool(call, "x")),
  LogicalOr: logical("or"),
  LogicalXor: logical("xor"),
  NotEqual: compare("NE"),
  Select: select,
};
