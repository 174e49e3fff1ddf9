import type { DType } from "@layerwise/autodiff/executor";
import type { Local } from "../wasm/locals.ts";
import type { PlainOp } from "../wasm/opcodes.ts";
import { compare, convert, finite, type LaneType } from "./conversion.ts";
import { erf, erfInverse } from "./error-function.ts";
import { exponential, exponentialMinusOne, logistic, tanh } from "./exponential.ts";
import { power, quotient, remainder, shiftBy, threefry } from "./integer.ts";
import type { LaneCall, LaneOp } from "./lane.ts";
import { log, logPlusOne } from "./logarithm.ts";
import { floatPower, floatRemainder, mathCall } from "./scalar.ts";
import { cosine, sine } from "./trigonometric.ts";
import { BITS, type Expr, type LaneWriter } from "./writer.ts";

/** Leaves the results of an operation on the stack. */
type Operation<K extends LaneOp> = (w: LaneWriter, call: LaneCall<K>) => void;

/** How an operation computes values of one type. */
type Compute = (w: LaneWriter, operands: readonly Local[]) => Expr;
type Typed = Partial<Readonly<Record<LaneType, Compute>>>;

const laneType = (dtype: DType): LaneType => {
  if (dtype === "f16") throw new Error("f16 has no lanes: convert to f32");
  return dtype;
};

const operand = ({ operands }: { readonly operands: readonly Local[] }, i: number): Local => {
  const local = operands[i];
  if (local === undefined) throw new RangeError(`no operand ${i} of ${operands.length}`);
  return local;
};

/** Chooses by the type of the first operand. */
const typed =
  (computes: Typed) =>
  (w: LaneWriter, call: LaneCall): void => {
    const dtype = laneType(call.operandTypes[0] ?? call.resultType);
    const compute = computes[dtype];
    if (compute === undefined) throw new Error(`${call.op} is not defined for ${dtype}`);
    w.emit(compute(w, call.operands));
  };

const op =
  (name: PlainOp): Compute =>
  (w, operands) =>
    w.op(name, ...operands);
const one =
  (f: (w: LaneWriter, x: Local) => Expr): Compute =>
  (w, [x]) =>
    f(w, x as Local);
const two =
  (f: (w: LaneWriter, x: Local, y: Local) => Expr): Compute =>
  (w, [x, y]) =>
    f(w, x as Local, y as Local);

const same = one((_, x) => x);
const int = (compute: Compute) => ({ i32: compute, u32: compute }) as const;
const float = (f: (w: LaneWriter, x: Local) => Expr) => typed({ f32: one(f) });
const math = (name: Parameters<typeof mathCall>[0]) =>
  typed({ f32: (w, operands) => mathCall(name)(w, operands, "f32") });
const bits = (name: PlainOp) => typed({ ...int(op(name)), bool: op(name) });
const shifts = (name: Parameters<typeof shiftBy>[1]) =>
  typed(int(two((w, x, y) => shiftBy(w, name, x, y))));
const signs = (f: (w: LaneWriter, x: Local, y: Local, signed: boolean) => Expr) => ({
  i32: two((w, x, y) => f(w, x, y, true)),
  u32: two((w, x, y) => f(w, x, y, false)),
});

const MAXIMUM = {
  f32: "f32x4.max",
  i32: "i32x4.max_s",
  u32: "i32x4.max_u",
  bool: "v128.or",
} as const;
const MINIMUM = {
  f32: "f32x4.min",
  i32: "i32x4.min_s",
  u32: "i32x4.min_u",
  bool: "v128.and",
} as const;

const extremum = (names: Readonly<Record<LaneType, PlainOp>>) =>
  typed({ f32: op(names.f32), i32: op(names.i32), u32: op(names.u32), bool: op(names.bool) });

const floatSign = (w: LaneWriter, x: Local): Expr => {
  const nonzero = w.op("f32x4.gt", w.abs(x), w.f32(0));
  return w.select(nonzero, w.withSignOf(w.i32(BITS.one), x), x);
};

const atan2 =
  (dtype: DType): Compute =>
  (w, operands) =>
    mathCall("atan2")(w, operands, dtype);

/** Every operation on lanes. */
export const OPERATIONS: { readonly [K in LaneOp]: Operation<K> } = {
  abs: typed({ f32: op("f32x4.abs"), i32: op("i32x4.abs"), u32: same, bool: same }),
  negate: typed({ f32: op("f32x4.neg"), ...int(op("i32x4.neg")), bool: same }),
  sign: typed({
    f32: one(floatSign),
    i32: one((w, x) => w.op("i32x4.max_s", w.op("i32x4.min_s", x, w.i32(1)), w.i32(-1))),
    u32: one((w, x) => w.op("i32x4.min_u", x, w.i32(1))),
    bool: same,
  }),
  ceil: typed({ f32: op("f32x4.ceil") }),
  floor: typed({ f32: op("f32x4.floor") }),
  round_nearest_even: typed({ f32: op("f32x4.nearest") }),
  exponential: float(exponential),
  exponential_minus_one: float(exponentialMinusOne),
  log: float(log),
  log_plus_one: float(logPlusOne),
  sqrt: typed({ f32: op("f32x4.sqrt") }),
  rsqrt: float((w, x) => w.op("f32x4.div", w.f32(1), w.op("f32x4.sqrt", x))),
  sine: float(sine),
  cosine: float(cosine),
  tan: math("tan"),
  asin: math("asin"),
  acos: math("acos"),
  atan: math("atan"),
  sinh: math("sinh"),
  cosh: math("cosh"),
  tanh: float(tanh),
  asinh: math("asinh"),
  acosh: math("acosh"),
  atanh: math("atanh"),
  logistic: float(logistic),
  erf: float(erf),
  erf_inv: float(erfInverse),
  not: bits("v128.not"),
  stop_gradient: typed({ f32: same, ...int(same), bool: same }),
  add: typed({ f32: op("f32x4.add"), ...int(op("i32x4.add")) }),
  subtract: typed({ f32: op("f32x4.sub"), ...int(op("i32x4.sub")) }),
  multiply: typed({ f32: op("f32x4.mul"), ...int(op("i32x4.mul")) }),
  divide: typed({ f32: op("f32x4.div"), ...signs(quotient) }),
  remainder: typed({ f32: two(floatRemainder), ...signs(remainder) }),
  power: typed({ f32: two(floatPower), ...signs(power) }),
  maximum: extremum(MAXIMUM),
  minimum: extremum(MINIMUM),
  atan2: typed({ f32: atan2("f32"), i32: atan2("i32"), u32: atan2("u32") }),
  and: bits("v128.and"),
  or: bits("v128.or"),
  xor: bits("v128.xor"),
  shift_left: shifts("i32x4.shl"),
  shift_right_logical: shifts("i32x4.shr_u"),
  shift_right_arithmetic: shifts("i32x4.shr_s"),
  convert: (w, call) => {
    const from = laneType(call.operandTypes[0] ?? call.resultType);
    w.emit(convert(w, operand(call, 0), from, laneType(call.attrs.dtype)));
  },
  bitcast_convert: (w, call) => {
    laneType(call.attrs.dtype);
    w.emit(operand(call, 0));
  },
  is_finite: (w, call) => {
    const dtype = laneType(call.operandTypes[0] ?? call.resultType);
    w.emit(finite(w, operand(call, 0), dtype));
  },
  compare: (w, call) => {
    const dtype = laneType(call.operandTypes[0] ?? call.resultType);
    w.emit(compare(w, [operand(call, 0), operand(call, 1)], dtype, call.attrs.direction));
  },
  select: (w, call) => {
    laneType(call.resultType);
    w.emit(w.select(operand(call, 0), operand(call, 1), operand(call, 2)));
  },
  clamp: (w, call) => {
    const dtype = laneType(call.resultType);
    const raised = w.op(MAXIMUM[dtype], operand(call, 1), operand(call, 0));
    w.emit(w.op(MINIMUM[dtype], raised, operand(call, 2)));
  },
  threefry2x32: (w, { operands }) => threefry(w, operands),
};
