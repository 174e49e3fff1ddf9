import type { Builder } from "../../ir/builder.ts";
import { broadcastShapes, isFloat } from "../../ir/shape.ts";
import type { DType, Value } from "../../ir/types.ts";

/** tfjs shows u32 values as int32 tensors, so its kernels compute with the signed number. */
export const signed = (b: Builder, x: Value): Value =>
  x.type.dtype === "u32" ? b.bitcast(x, "i32") : x;

/** bool read as the integers 0 and 1. */
export const arithmetic = (b: Builder, x: Value): Value =>
  x.type.dtype === "bool" ? b.convert(x, "i32") : signed(b, x);

/** Integers and bool read as f32. */
export const float = (b: Builder, x: Value): Value =>
  isFloat(x.type.dtype) ? x : b.convert(signed(b, x), "f32");

const WIDTH: Readonly<Record<DType, number>> = { bool: 0, u32: 1, i32: 2, f16: 3, f32: 4 };

/** Values brought to the widest of their element types: bool < int32 < float32. */
export const unify = (b: Builder, xs: readonly Value[]): Value[] => {
  const dtype = xs.reduce<DType>(
    (widest, x) => (WIDTH[x.type.dtype] > WIDTH[widest] ? x.type.dtype : widest),
    "bool",
  );
  return xs.map((x) => b.convert(dtype === "u32" ? x : signed(b, x), dtype));
};

/** Values brought to one element type and one shape. */
export const align = (b: Builder, xs: readonly Value[]): Value[] => {
  const shape = xs.map((x) => x.type.shape as readonly number[]).reduce(broadcastShapes);
  return unify(b, xs).map((x) => b.broadcastTo(x, shape));
};

/** Two values brought to one element type and one shape. */
export const alignPair = (b: Builder, x: Value, y: Value): [Value, Value] =>
  align(b, [x, y]) as [Value, Value];
