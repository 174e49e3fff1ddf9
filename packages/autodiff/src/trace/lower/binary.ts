import type { Builder } from "../../ir/builder.ts";
import { isFloat } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import type { Family, Lowering } from "./lowering.ts";
import { align, alignPair, arithmetic } from "./operands.ts";

/** Arithmetic kernels of two operands or a list of them. */
export type BinaryKernel =
  | "Add"
  | "AddN"
  | "Atan2"
  | "BitwiseAnd"
  | "FloorDiv"
  | "Maximum"
  | "Minimum"
  | "Mod"
  | "Multiply"
  | "Pow"
  | "RealDiv"
  | "SquaredDifference"
  | "Sub";

type Combine = (b: Builder, x: Value, y: Value) => Value;

// bool operands compute as 0 and 1, and the result is bool again, as in tfjs.
const arithmeticOf =
  (f: Combine): Lowering =>
  (call) => {
    const { b } = call;
    const [x, y] = alignPair(b, call.signedInput("a"), call.signedInput("b"));
    return b.convert(f(b, arithmetic(b, x), arithmetic(b, y)), x.type.dtype);
  };

const differ = (b: Builder, rest: Value, y: Value): Value => {
  const zero = b.zeros(y.type);
  const signs = b.map("xor", b.compare(rest, "LT", zero), b.compare(y, "LT", zero));
  return b.map("and", b.compare(rest, "NE", zero), signs);
};

/** Rounds toward −∞ and gives int32 whatever the operands are. */
const floorDiv: Combine = (b, x, y) => {
  const quotient = b.div(x, y);
  if (isFloat(x.type.dtype)) return b.convert(b.map("floor", quotient), "i32");
  return b.sub(quotient, b.convert(differ(b, b.map("remainder", x, y), y), "i32"));
};

/** The remainder with the sign of the divisor. */
const floorMod: Combine = (b, x, y) => {
  const rest = b.map("remainder", x, y);
  // The second remainder brings rest + y back below y where the sum was rounded up to it.
  return b.select(differ(b, rest, y), b.map("remainder", b.add(rest, y), y), rest);
};

/** Lowerings of arithmetic on two operands. */
export const binary: Family<BinaryKernel> = {
  Add: arithmeticOf((b, x, y) => b.add(x, y)),
  AddN: (call) => align(call.b, call.list()).reduce((sum, x) => call.b.add(sum, x)),
  Atan2: arithmeticOf((b, y, x) => b.map("atan2", y, x)),
  BitwiseAnd: arithmeticOf((b, x, y) => b.map("and", x, y)),
  FloorDiv: (call) => {
    const { b } = call;
    const [x, y] = alignPair(b, call.signedInput("a"), call.signedInput("b"));
    return floorDiv(b, arithmetic(b, x), arithmetic(b, y));
  },
  Maximum: arithmeticOf((b, x, y) => b.map("maximum", x, y)),
  Minimum: arithmeticOf((b, x, y) => b.map("minimum", x, y)),
  Mod: arithmeticOf(floorMod),
  Multiply: arithmeticOf((b, x, y) => b.mul(x, y)),
  Pow: arithmeticOf((b, x, y) => b.map("power", x, y)),
  RealDiv: arithmeticOf((b, x, y) => b.div(x, y)),
  SquaredDifference: arithmeticOf((b, x, y) => {
    const difference = b.sub(x, y);
    return b.mul(difference, difference);
  }),
  Sub: arithmeticOf((b, x, y) => b.sub(x, y)),
};
