import { isFloat } from "../../ir/shape.ts";
import type { ConversionOp, DType } from "../../ir/types.ts";
import { lifted, mapOne } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { type Lower, single } from "../lower.ts";
import { tfType, type Val } from "../ref.ts";
import { compare, extreme, num, select, sub } from "./arithmetic.ts";

type Convert = ConversionOp | "is_finite" | "compare" | "select" | "clamp";

const TWO_31 = 2 ** 31;

const cast = (e: Emitter, x: Val, dtype: DType): Val => {
  const type = tfType(dtype);
  return lifted(x.shape, dtype, mapOne(e, "Cast", x.ref, type, { dtype: type }));
};

const convert = (e: Emitter, x: Val, dtype: DType): Val => {
  if (x.dtype === dtype) return x;
  // Casts to bool copy the low byte on wasm.
  if (dtype === "bool") return compare(e, "NE", x, num(e, x, 0));
  if (tfType(x.dtype) === tfType(dtype)) return lifted(x.shape, dtype, x.ref);
  if (isFloat(x.dtype) && e.has("LayerwiseFloatToInteger")) {
    const attrs = { signed: dtype === "i32" };
    return lifted(x.shape, dtype, mapOne(e, "LayerwiseFloatToInteger", x.ref, "int32", attrs));
  }
  if (isFloat(x.dtype) && dtype === "u32") {
    const high = compare(e, "GE", x, num(e, x, TWO_31));
    return cast(e, select(e, high, sub(e, x, num(e, x, 2 * TWO_31)), x), dtype);
  }
  if (x.dtype === "u32" && isFloat(dtype)) {
    if (!e.has("LayerwiseUint32ToFloat")) {
      return onHost(e, "convert", [x], { dtype }, [{ shape: x.shape, dtype }])[0]!;
    }
    return lifted(x.shape, dtype, mapOne(e, "LayerwiseUint32ToFloat", x.ref, "float32"));
  }
  return cast(e, x, dtype);
};

const bitcast = (e: Emitter, x: Val, dtype: DType): Val => {
  const type = tfType(dtype);
  if (tfType(x.dtype) === type) return lifted(x.shape, dtype, x.ref);
  if (!e.has("LayerwiseBitcast")) {
    return onHost(e, "bitcast_convert", [x], { dtype }, [{ shape: x.shape, dtype }])[0]!;
  }
  return lifted(x.shape, dtype, mapOne(e, "LayerwiseBitcast", x.ref, type, { dtype: type }));
};

/** Lowering of conversions, comparisons and choices. */
export const conversions: { readonly [K in Convert]: Lower<K> } = {
  convert: single((e, [x], { dtype }) => convert(e, x!, dtype)),
  bitcast_convert: single((e, [x], { dtype }) => bitcast(e, x!, dtype)),
  is_finite: single((e, [x]) => lifted(x!.shape, "bool", mapOne(e, "IsFinite", x!.ref, "bool"))),
  compare: single((e, [a, b], { direction }) => compare(e, direction, a!, b!)),
  select: single((e, [p, t, f]) => select(e, p!, t!, f!)),
  clamp: single((e, [low, x, high]) =>
    extreme(e, "minimum", extreme(e, "maximum", x!, low!), high!),
  ),
};
