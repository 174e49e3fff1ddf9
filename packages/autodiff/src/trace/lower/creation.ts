import { range as counting } from "../../ir/shape.ts";
import type { TensorType, Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { signed } from "./operands.ts";

/** Kernels that make values from attributes or from the shape of an operand. */
export type CreationKernel = "Fill" | "LinSpace" | "OneHot" | "OnesLike" | "Range" | "ZerosLike";

/** start, start + step, … as counting and not as data, so that a long range costs nothing. */
const arithmeticProgression = (
  call: KernelCall,
  type: TensorType,
  start: number,
  step: number,
): Value => {
  const { b } = call;
  const index = b.iota(type, 0);
  return b.shift(step === 1 ? index : b.scale(index, step), start);
};

// tfjs's own count, with its exceptions: a positive step other than 1 never counts down.
const rangeLength = (start: number, stop: number, step: number): number => {
  const empty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  return empty ? 0 : Math.abs(Math.ceil((stop - start) / step));
};

const range: Lowering = (call) => {
  const [start, stop, step] = [call.number("start"), call.number("stop"), call.number("step", 1)];
  const type: TensorType = {
    shape: [rangeLength(start, stop, step)],
    dtype: call.dtype("dtype", "f32"),
  };
  if (type.dtype === "bool") throw call.error("expected dtype float32 or int32, got bool");
  return arithmeticProgression(call, type, start, stop < start && step === 1 ? -1 : step);
};

const linSpace: Lowering = (call) => {
  const [start, stop, num] = [call.number("start"), call.number("stop"), call.int("num")];
  const step = num > 1 ? (stop - start) / (num - 1) : 0;
  return arithmeticProgression(call, { shape: [num], dtype: "f32" }, start, step);
};

const oneHot: Lowering = (call) => {
  const { b } = call;
  const indices = signed(b, call.input("indices"));
  const [depth, on, off] = [
    call.int("depth"),
    call.number("onValue", 1),
    call.number("offValue", 0),
  ];
  const shape = [...indices.type.shape, depth];
  const axes = counting(indices.type.shape.length);
  const wanted = b.broadcastInDim(b.convert(indices, "i32"), shape, axes);
  const hit = b.compare(wanted, "EQ", b.iota({ shape, dtype: "i32" }, axes.length));
  const type: TensorType = { shape, dtype: call.dtype("dtype", "f32") };
  return b.select(hit, b.fill(type, on), b.fill(type, off));
};

const like =
  (value: number): Lowering =>
  (call) => {
    const { shape, dtype } = call.signedInput("x").type;
    return call.b.fill({ shape, dtype }, value);
  };

/** Lowerings of creation. */
export const creation: Family<CreationKernel> = {
  Fill: (call) => {
    const value = call.number("value");
    return call.b.fill({ shape: call.numbers("shape"), dtype: call.dtype("dtype", "f32") }, value);
  },
  LinSpace: linSpace,
  OneHot: oneHot,
  OnesLike: like(1),
  Range: range,
  ZerosLike: like(0),
};
