import type { DType } from "@layerwise/autodiff/executor";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import type { PlainOp } from "../wasm/opcodes.ts";

/** The monoids of windows and scans. */
export type ScanMonoid = "add" | "multiply" | "maximum" | "minimum";

/** Combines vectors lane by lane. */
export interface Accumulator {
  /** Back to the identity. */
  reset(): void;
  fold(vector: Local): void;
  /** Pushes what was combined since. */
  push(): void;
  release(): void;
}

const FLOAT = { add: "add", multiply: "mul", maximum: "max", minimum: "min" } as const;
const SIGNED = { add: "add", multiply: "mul", maximum: "max_s", minimum: "min_s" } as const;
const UNSIGNED = { add: "add", multiply: "mul", maximum: "max_u", minimum: "min_u" } as const;

const floatIdentity = (monoid: ScanMonoid): number => {
  if (monoid === "add") return 0;
  if (monoid === "multiply") return 1;
  return monoid === "maximum" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

const integerIdentity = (monoid: ScanMonoid, dtype: DType): number => {
  if (monoid === "add") return 0;
  if (monoid === "multiply") return 1;
  // Bools are stored as bytes: of 0x100, which is above both, the byte 0 remains.
  if (dtype === "bool") return monoid === "maximum" ? 0 : 0x100;
  if (dtype === "u32") return monoid === "maximum" ? 0 : -1;
  return monoid === "maximum" ? -(2 ** 31) : 2 ** 31 - 1;
};

const narrow = (code: Code, dtype: DType, monoid: ScanMonoid): Accumulator => {
  const sum = code.local("v128");
  const float = dtype === "f32";
  const op: PlainOp = float
    ? `f32x4.${FLOAT[monoid]}`
    : `i32x4.${(dtype === "i32" ? SIGNED : UNSIGNED)[monoid]}`;
  return {
    reset: () => {
      if (float) code.f32(floatIdentity(monoid)).op("f32x4.splat").set(sum);
      else code.i32(integerIdentity(monoid, dtype)).op("i32x4.splat").set(sum);
    },
    fold: (vector) => {
      code.get(sum).get(vector).op(op).set(sum);
    },
    push: () => {
      code.get(sum);
    },
    release: () => code.release(sum),
  };
};

/** Sums and products of floats in double precision. */
const wide = (code: Code, monoid: ScanMonoid, lanes: number): Accumulator => {
  const low = code.local("v128");
  const high = lanes > 2 ? code.local("v128") : undefined;
  const op: PlainOp = `f64x2.${FLOAT[monoid]}`;
  return {
    reset: () => {
      for (const half of high === undefined ? [low] : [low, high]) {
        code.f64(floatIdentity(monoid)).op("f64x2.splat").set(half);
      }
    },
    fold: (vector) => {
      code.get(low).get(vector).op("f64x2.promote_low_f32x4").op(op).set(low);
      if (high === undefined) return;
      code.get(high).get(vector).get(vector).shuffle32(2, 3, 2, 3);
      code.op("f64x2.promote_low_f32x4").op(op).set(high);
    },
    push: () => {
      code.get(low).op("f32x4.demote_f64x2_zero");
      if (high === undefined) return;
      code.get(high).op("f32x4.demote_f64x2_zero").shuffle32(0, 1, 4, 5);
    },
    release: () => code.release(low, ...(high === undefined ? [] : [high])),
  };
};

/** An accumulator for the first `lanes` lanes; `precise` for long sums and products of floats. */
export const accumulator = (
  code: Code,
  dtype: DType,
  monoid: ScanMonoid,
  lanes: number,
  precise: boolean,
): Accumulator =>
  precise && dtype === "f32" && (monoid === "add" || monoid === "multiply")
    ? wide(code, monoid, lanes)
    : narrow(code, dtype, monoid);
