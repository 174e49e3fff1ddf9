import { isFloat } from "../../ir/shape.ts";
import type { Direction } from "../../ir/types.ts";
import { lifted, mapAligned, mapOne, mapTwo } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import type { Val } from "../ref.ts";

// Elementwise building blocks on values, with the differences between backends ironed out.

const SIGN_BIT = -(2 ** 31);

/** A broadcasting kernel on two values of one dtype. */
export const combine = (e: Emitter, kernel: string, a: Val, b: Val): Val =>
  lifted(a.shape, a.dtype, mapTwo(e, kernel, a.ref, b.ref));

/** A number next to `like`: same dtype, broadcast as a scalar. */
export const num = (e: Emitter, like: Val, value: number): Val =>
  e.splat(like.dtype, like.shape, value);

export const add = (e: Emitter, a: Val, b: Val): Val => combine(e, "Add", a, b);
export const sub = (e: Emitter, a: Val, b: Val): Val => combine(e, "Sub", a, b);
export const unary = (e: Emitter, kernel: string, x: Val): Val =>
  lifted(x.shape, x.dtype, mapOne(e, kernel, x.ref));

/** u32 values shifted so that signed comparison orders them. */
const biased = (e: Emitter, x: Val): Val =>
  x.dtype === "u32" ? combine(e, "Add", x, num(e, x, SIGN_BIT)) : x;

const isNumber = (x: Val): boolean => x.splat !== undefined && !Number.isNaN(x.splat);

/** Elementwise product; integers wrap. */
export const mul = (e: Emitter, a: Val, b: Val): Val => {
  // Backends that compute in doubles lose the low bits of large products.
  const exact = isFloat(a.dtype) || e.target.name === "wasm" || !e.has("LayerwiseInt32Binary");
  if (exact) return combine(e, "Multiply", a, b);
  const inputs = { a: a.ref, b: b.ref };
  const attrs = { op: "multiply" };
  return lifted(a.shape, a.dtype, mapAligned(e, "LayerwiseInt32Binary", inputs, attrs, "int32"));
};

/** Comparison as a bool value. */
export const compare = (e: Emitter, direction: Direction, a: Val, b: Val): Val => {
  const kernel = {
    EQ: "Equal",
    NE: "NotEqual",
    LT: "Less",
    LE: "LessEqual",
    GT: "Greater",
    GE: "GreaterEqual",
  }[direction];
  const ordered = direction !== "EQ" && direction !== "NE";
  const [x, y] = ordered ? [biased(e, a), biased(e, b)] : [a, b];
  return lifted(a.shape, "bool", mapTwo(e, kernel, x.ref, y.ref, "bool"));
};

export const not = (e: Emitter, x: Val): Val => unary(e, "LogicalNot", x);

/** Elementwise choice; the operands may stretch. */
export const select = (e: Emitter, predicate: Val, onTrue: Val, onFalse: Val): Val => {
  const { shape, dtype } = onTrue;
  // wasm's Select writes four bytes per element whatever the dtype.
  if (dtype === "bool") {
    const yes = combine(e, "LogicalAnd", predicate, onTrue);
    const no = combine(e, "LogicalAnd", not(e, predicate), onFalse);
    return combine(e, "LogicalOr", yes, no);
  }
  const inputs = { condition: predicate.ref, t: onTrue.ref, e: onFalse.ref };
  return lifted(shape, dtype, mapAligned(e, "Select", inputs, {}, onTrue.ref.dtype));
};

/** Maximum or minimum that propagates NaN. */
export const extreme = (e: Emitter, op: "maximum" | "minimum", a: Val, b: Val): Val => {
  const kernel = op === "maximum" ? "Maximum" : "Minimum";
  if (a.dtype === "u32") {
    const signed = combine(e, kernel, biased(e, a), biased(e, b));
    return combine(e, "Add", signed, num(e, a, SIGN_BIT));
  }
  if (!isFloat(a.dtype) || e.target.name !== "wasm") return combine(e, kernel, a, b);
  // wasm computes `a < b ? b : a`, which keeps a NaN on the left only.
  if (isNumber(b)) return combine(e, kernel, a, b);
  if (isNumber(a)) return combine(e, kernel, b, a);
  return select(e, compare(e, "NE", b, b), b, combine(e, kernel, a, b));
};
