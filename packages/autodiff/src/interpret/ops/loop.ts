import type { TensorInfo } from "@tensorflow/tfjs-core";
import { at, isFloat, range, sizeOf } from "../../ir/shape.ts";
import type { OpAttrs, TensorType } from "../../ir/types.ts";
import { full } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { peek } from "../host-kernels/memory.ts";
import { onHost } from "../host-step.ts";
import { reading, running, type Stepwise } from "../pause.ts";
import { type TfType, tfType, type Val, whole } from "../ref.ts";
import { bytesOf } from "../schedule.ts";
import { elementsOf, type Target, upload } from "../target.ts";
import { asFloat, asInteger, losesBits } from "./exact-integers.ts";

interface Row {
  readonly shape: number[];
  readonly dtype: TfType;
  /** Whether the stack holds the bits as floats, because kernels would round integers. */
  readonly packed: boolean;
}

const rowOf = (e: Emitter, type: TensorType): Row => ({
  shape: type.shape.slice(1),
  dtype: tfType(type.dtype),
  packed: losesBits(e, type),
});

const physical = ({ shape, dtype }: TensorType) => ({ shape, dtype: tfType(dtype) });

/** The same bits as another type; frees the operand. */
const recast = ({ backend, find }: Target, x: TensorInfo, dtype: TfType): TensorInfo => {
  const kernel = find("LayerwiseBitcast")!;
  const out = kernel({ inputs: { x }, attrs: { dtype }, backend }) as TensorInfo;
  backend.disposeData(x.dataId);
  return { dataId: out.dataId, shape: x.shape, dtype };
};

/** Row `i` of a stack, a new buffer. */
const takeRow = (target: Target, x: TensorInfo, i: number, row: Row): TensorInfo => {
  const { backend, find, readsSync } = target;
  const size = sizeOf(row.shape);
  // wasm's Slice copies the whole stack first.
  if (readsSync || size === 0) {
    const values = peek(backend, x).slice(i * size, (i + 1) * size);
    return upload(backend, values, row.shape, row.dtype);
  }
  const inputs = { x: { ...x, shape: [x.shape[0]!, size] } };
  const out = find("Slice")!({ inputs, attrs: { begin: [i, 0], size: [1, size] }, backend });
  const { dataId } = out as TensorInfo;
  const taken = { dataId, shape: row.shape, dtype: x.dtype };
  return row.packed ? recast(target, taken, row.dtype) : taken;
};

/** Joins rows to a stack and frees them. */
const stack = (target: Target, given: readonly TensorInfo[], row: Row): TensorInfo => {
  const { backend, find } = target;
  const rows = row.packed ? given.map((info) => recast(target, info, "float32")) : given;
  const size = sizeOf(row.shape);
  const shape = [rows.length, ...row.shape];
  if (rows.length === 1) return { ...at(rows, 0), shape };
  if (rows.length === 0 || size === 0) {
    for (const { dataId } of rows) backend.disposeData(dataId);
    return upload(backend, elementsOf(row.dtype, []), shape, row.dtype);
  }
  const inputs = rows.map((info) => ({ ...info, shape: [1, size] })) as never;
  const out = find("Concat")!({ inputs, attrs: { axis: 0 }, backend });
  for (const { dataId } of rows) backend.disposeData(dataId);
  return { ...(out as TensorInfo), shape };
};

/** The loop's own reference to a buffer; never the caller's tensor object. */
const own = ({ backend }: Target, info: TensorInfo): TensorInfo => {
  backend.incRef(info.dataId);
  return { dataId: info.dataId, shape: info.shape, dtype: info.dtype };
};

const disposeAll = ({ backend }: Target, infos: readonly TensorInfo[]): void => {
  for (const { dataId } of infos) backend.disposeData(dataId);
};

const wrap = (e: Emitter, inputs: readonly Val[]) => inputs.map((x) => full(e, x));

/** Lowering of scan: the body is a program of its own that frees its carry. */
export const scan = (
  e: Emitter,
  inputs: readonly Val[],
  attrs: OpAttrs["scan"],
  types: readonly TensorType[],
): Val[] => {
  const { length, numConsts, numCarry, reverse } = attrs;
  const { target } = e;
  const start = numConsts + numCarry;
  const owned = range(attrs.body.inputs.length).slice(numConsts);
  const xRows = inputs.slice(start).map((x) => rowOf(e, x));
  const yRows = types.slice(numCarry).map((type) => rowOf(e, type));
  const packed = [...xRows, ...yRows].some((row) => row.packed);
  if (packed && !e.has("LayerwiseBitcast")) return onHost(e, "scan", inputs, attrs, types);
  const body = e.bodies.program(attrs.body, owned);
  function* loop(infos: readonly TensorInfo[]): Stepwise<TensorInfo[]> {
    const consts = infos.slice(0, numConsts);
    const xs = infos.slice(start);
    let carry = infos.slice(numConsts, start).map((info) => own(target, info));
    const ys = yRows.map(() => new Array<TensorInfo>(length));
    try {
      for (let step = 0; step < length; step++) {
        const i = reverse ? length - 1 - step : step;
        const rows = xs.map((x, n) => takeRow(target, x, i, at(xRows, n)));
        const handed = carry;
        carry = [];
        const results = yield* running(target, body, [...consts, ...handed, ...rows]);
        carry = results.slice(0, numCarry);
        ys.forEach((y, n) => {
          y[i] = at(results, numCarry + n);
        });
      }
    } catch (error) {
      disposeAll(target, [...carry, ...ys.flat()]);
      throw error;
    }
    return [...carry, ...ys.map((y, n) => stack(target, y, at(yRows, n)))];
  }
  const given = inputs.map((x, i) => (i >= start && xRows[i - start]!.packed ? asFloat(e, x) : x));
  const results = types.map((type, i) => {
    const isPacked = i >= numCarry && yRows[i - numCarry]!.packed;
    return isPacked ? { shape: type.shape, dtype: "float32" as const } : physical(type);
  });
  const stacked = results.slice(numCarry);
  const outputs = e.step("scan", wrap(e, given), results, loop, {
    waits: body.hasAsync,
    kernels: body.kernels,
    scratchBytes: body.peakBytes + stacked.reduce((sum, type) => sum + bytesOf(type), 0),
  });
  return outputs.map((ref, i) => {
    const { dtype } = at(types, i);
    const isPacked = ref.dtype === "float32" && !isFloat(dtype);
    return isPacked ? asInteger(e, whole(ref, "f32"), dtype) : whole(ref, dtype);
  });
};

/** Lowering of while; its condition is read on the host once per turn. */
export const whileLoop = (
  e: Emitter,
  inputs: readonly Val[],
  attrs: OpAttrs["while"],
  types: readonly TensorType[],
): Val[] => {
  const { numConditionConsts, numBodyConsts } = attrs;
  const { target } = e;
  const start = numConditionConsts + numBodyConsts;
  const condition = e.bodies.program(attrs.condition, []);
  const owned = range(attrs.body.inputs.length).slice(numBodyConsts);
  const body = e.bodies.program(attrs.body, owned);
  function* loop(infos: readonly TensorInfo[]): Stepwise<TensorInfo[]> {
    const conditionConsts = infos.slice(0, numConditionConsts);
    const bodyConsts = infos.slice(numConditionConsts, start);
    let carry = infos.slice(start).map((info) => own(target, info));
    let test: TensorInfo[] = [];
    try {
      for (;;) {
        test = yield* running(target, condition, [...conditionConsts, ...carry]);
        const [go] = yield* reading(target, test);
        disposeAll(target, test);
        test = [];
        if (!go![0]) return carry;
        const handed = carry;
        carry = [];
        carry = yield* running(target, body, [...bodyConsts, ...handed]);
      }
    } catch (error) {
      disposeAll(target, [...carry, ...test]);
      throw error;
    }
  }
  const outputs = e.step("while", wrap(e, inputs), types.map(physical), loop, {
    waits: !target.readsSync || condition.hasAsync || body.hasAsync,
    kernels: condition.kernels + body.kernels,
    scratchBytes: Math.max(condition.peakBytes, body.peakBytes),
  });
  return outputs.map((ref, i) => whole(ref, at(types, i).dtype));
};
