import type { Direction, DType } from "@layerwise/autodiff/executor";
import type { Local } from "../wasm/locals.ts";
import { BITS, type Expr, type LaneWriter } from "./writer.ts";

/** The types that vectors of lanes hold. */
export type LaneType = Exclude<DType, "f16">;

type Convert = (w: LaneWriter, x: Local) => Expr;

const same: Convert = (_, x) => x;
const isNotZero: Convert = (w, x) => w.op("v128.not", w.op("i32x4.eq", x, w.i32(0)));
const bit =
  (pattern: number): Convert =>
  (w, x) =>
    w.op("v128.and", x, w.i32(pattern));

const CONVERT: { readonly [From in LaneType]: { readonly [To in LaneType]: Convert } } = {
  f32: {
    f32: same,
    i32: (w, x) => w.op("i32x4.trunc_sat_f32x4_s", x),
    u32: (w, x) => w.op("i32x4.trunc_sat_f32x4_u", x),
    bool: (w, x) => w.op("f32x4.ne", x, w.f32(0)),
  },
  i32: {
    f32: (w, x) => w.op("f32x4.convert_i32x4_s", x),
    i32: same,
    u32: same,
    bool: isNotZero,
  },
  u32: {
    f32: (w, x) => w.op("f32x4.convert_i32x4_u", x),
    i32: same,
    u32: same,
    bool: isNotZero,
  },
  bool: { f32: bit(BITS.one), i32: bit(1), u32: bit(1), bool: same },
};

/** Converts values: floats to integers toward zero and saturating, numbers to bool by ≠ 0. */
export const convert = (w: LaneWriter, x: Local, from: LaneType, to: LaneType): Expr =>
  CONVERT[from][to](w, x);

const FLOAT = {
  EQ: "f32x4.eq",
  NE: "f32x4.ne",
  LT: "f32x4.lt",
  LE: "f32x4.le",
  GT: "f32x4.gt",
  GE: "f32x4.ge",
} as const;
const SIGNED = {
  EQ: "i32x4.eq",
  NE: "i32x4.ne",
  LT: "i32x4.lt_s",
  LE: "i32x4.le_s",
  GT: "i32x4.gt_s",
  GE: "i32x4.ge_s",
} as const;
// The lanes of bools are ordered as unsigned numbers too.
const UNSIGNED = {
  EQ: "i32x4.eq",
  NE: "i32x4.ne",
  LT: "i32x4.lt_u",
  LE: "i32x4.le_u",
  GT: "i32x4.gt_u",
  GE: "i32x4.ge_u",
} as const;

const COMPARE = { f32: FLOAT, i32: SIGNED, u32: UNSIGNED, bool: UNSIGNED } as const;

/** A mask of where the comparison holds. */
export const compare = (
  w: LaneWriter,
  [x, y]: readonly [Local, Local],
  dtype: LaneType,
  direction: Direction,
): Expr => w.op(COMPARE[dtype][direction], x, y);

/** A mask of where numbers are finite; integers always are. */
export const finite = (w: LaneWriter, x: Local, dtype: LaneType): Expr =>
  dtype === "f32" ? w.op("f32x4.lt", w.abs(x), w.f32(Number.POSITIVE_INFINITY)) : w.i32(-1);
