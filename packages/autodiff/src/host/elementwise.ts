import { at, isFloat } from "../ir/shape.ts";
import {
  BINARY_OPS,
  type BinaryOp,
  type DType,
  type OpName,
  UNARY_OPS,
  type UnaryOp,
} from "../ir/types.ts";
import { binaryFunction, compareFunction, unaryFunction } from "./arithmetic.ts";
import { limit } from "./offsets.ts";
import { allocate, type HostData, type HostKernel } from "./tensor.ts";

type Elementwise = Extract<
  OpName,
  UnaryOp | BinaryOp | "is_finite" | "compare" | "select" | "clamp" | "convert" | "bitcast_convert"
>;

const unary =
  (op: UnaryOp): HostKernel<UnaryOp> =>
  (inputs) => {
    const { type, data } = at(inputs, 0);
    const f = unaryFunction(op, type.dtype);
    const out = allocate(type.dtype, data.length);
    for (let i = 0; i < out.length; i++) out[i] = f(data[i]!);
    return [out];
  };

const binary =
  (op: BinaryOp): HostKernel<BinaryOp> =>
  (inputs) => {
    const { type, data: x } = at(inputs, 0);
    const y = at(inputs, 1).data;
    const f = binaryFunction(op, type.dtype);
    const out = allocate(type.dtype, x.length);
    for (let i = 0; i < out.length; i++) out[i] = f(x[i]!, y[i]!);
    return [out];
  };

const elementwise = Object.fromEntries([
  ...UNARY_OPS.map((op) => [op, unary(op)]),
  ...BINARY_OPS.map((op) => [op, binary(op)]),
]) as { readonly [K in UnaryOp | BinaryOp]: HostKernel<K> };

const RANGES = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

const convert = (x: HostData, from: DType, to: DType): HostData => {
  const out = allocate(to, x.length);
  if (to === "bool") {
    for (let i = 0; i < x.length; i++) out[i] = x[i] === 0 ? 0 : 1;
  } else if (isFloat(from) && !isFloat(to)) {
    // A float beyond the range of the integers becomes the closest one (NaN: 0), as XLA has it;
    // an integer that changes its sign type wraps.
    const [low, high] = RANGES[to as "i32" | "u32"];
    for (let i = 0; i < x.length; i++) out[i] = limit(Math.trunc(x[i]!), low, high);
  } else {
    out.set(x);
  }
  return out;
};

const bitcast = (x: HostData, from: DType, to: DType): HostData => {
  const bits = from === "f32" ? Float32Array.from(x) : x;
  const out = allocate(to, x.length);
  out.set(
    to === "f32" ? new Float32Array(bits.buffer, bits.byteOffset, bits.length) : view(bits, to),
  );
  return out;
};

const view = ({ buffer, byteOffset, length }: HostData | Float32Array, to: DType) =>
  to === "i32"
    ? new Int32Array(buffer, byteOffset, length)
    : new Uint32Array(buffer, byteOffset, length);

/** Evaluation of operations that treat every element alike. */
export const hostElementwise: { readonly [K in Elementwise]: HostKernel<K> } = {
  ...elementwise,
  is_finite: (inputs) => [Uint8Array.from(at(inputs, 0).data, (x) => (Number.isFinite(x) ? 1 : 0))],
  compare: (inputs, { direction }) => {
    const [x, y] = [at(inputs, 0).data, at(inputs, 1).data];
    const holds = compareFunction(direction);
    const out = new Uint8Array(x.length);
    for (let i = 0; i < out.length; i++) out[i] = holds(x[i]!, y[i]!) ? 1 : 0;
    return [out];
  },
  select: (inputs) => {
    const [predicate, onTrue] = [at(inputs, 0).data, at(inputs, 1).data];
    const out = at(inputs, 2).data.slice();
    for (let i = 0; i < out.length; i++) if (predicate[i] !== 0) out[i] = onTrue[i]!;
    return [out];
  },
  clamp: (inputs) => {
    const { type, data: x } = at(inputs, 1);
    const [low, high] = [at(inputs, 0).data, at(inputs, 2).data];
    const out = allocate(type.dtype, x.length);
    for (let i = 0; i < out.length; i++) out[i] = limit(x[i]!, low[i]!, high[i]!);
    return [out];
  },
  convert: (inputs, { dtype }) => {
    const { type, data } = at(inputs, 0);
    return [convert(data, type.dtype, dtype)];
  },
  bitcast_convert: (inputs, { dtype }) => {
    const { type, data } = at(inputs, 0);
    return [bitcast(data, type.dtype, dtype)];
  },
};
