// Applies one operation to arrays: a kernel that only loads, computes and stores vectors.
import {
  type DType,
  type HostTensor,
  hostTensor,
  infer,
  type OpAttrs,
} from "@layerwise/autodiff/executor";
import type { Buffer, Kernel, KernelContext } from "../../src/kernel/kernel.ts";
import type { LaneOp, Lanes } from "../../src/lane/lane.ts";
import { emitOperation } from "../../src/lane/operation.ts";
import type { Local } from "../../src/wasm/locals.ts";
import { runKernels } from "../support/run-kernels.ts";

/** A vector of the type, as tensors of the host have it. */
export const vector = (dtype: DType, values: ArrayLike<number>): HostTensor =>
  hostTensor({ shape: [values.length], dtype }, values);

const load = ({ code, address }: KernelContext, buffer: Buffer, i: Local): Local => {
  const local = code.local("v128");
  code.get(address(buffer)).get(i);
  if (buffer.dtype === "bool") {
    code.op("i32.add").memory("v128.load32_zero");
    code.op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u").op("i32x4.neg");
  } else code.i32(2).op("i32.shl").op("i32.add").memory("v128.load");
  code.set(local);
  return local;
};

const store = ({ code, address }: KernelContext, buffer: Buffer, i: Local): void => {
  const value = code.local("v128");
  code.set(value).get(address(buffer)).get(i);
  if (buffer.dtype === "bool") {
    code.op("i32.add").get(value).get(value).op("i16x8.narrow_i32x4_s").tee(value).get(value);
    code.op("i8x16.narrow_i16x8_s").op("i8x16.abs").laneMemory("v128.store32_lane", 0);
  } else code.i32(2).op("i32.shl").op("i32.add").get(value).memory("v128.store");
};

/** `Lanes` whose constants are loaded from the table of the kernel by `load`. */
const pooledLanes = (context: KernelContext): { lanes: Lanes; load: () => void } => {
  const { code, table, math } = context;
  const pool = new Map<number, Local>();
  const i32 = (bits: number): Local => {
    const known = pool.get(bits >>> 0);
    if (known !== undefined) return known;
    const local = code.freshLocal("v128");
    pool.set(bits >>> 0, local);
    return local;
  };
  const f32 = (value: number) => i32(new Uint32Array(Float32Array.of(value).buffer)[0] as number);
  const load = () => {
    for (const [bits, local] of pool) {
      const { base, offset } = table([bits]);
      code.get(base).memory("v128.load32_splat", offset).set(local);
    }
  };
  return { lanes: { code, f32, i32, math }, load };
};

/** Computes an operation on vectors of equal size (threefry2x32: of keys, too). */
export const applyLanes = <K extends LaneOp>(
  op: K,
  attrs: OpAttrs[K],
  inputs: readonly { readonly dtype: DType; readonly data: ArrayLike<number> }[],
  fma: boolean,
): ArrayLike<number>[] => {
  const size = inputs[0]?.data.length ?? 0;
  const padded = Math.ceil(size / 4) * 4;
  const types = inputs.map(({ dtype }) => ({ shape: [size], dtype }));
  const key = { shape: [2], dtype: "u32" } as const;
  const results = infer[op](op === "threefry2x32" ? [key, ...types.slice(2)] : types, attrs);
  const reads = inputs.map(({ dtype }): Buffer => ({ dtype, size: padded }));
  const writes = results.map(({ dtype }): Buffer => ({ dtype, size: padded }));
  const emit = (context: KernelContext): void => {
    const { code } = context;
    const { lanes, load: loadConstants } = pooledLanes(context);
    const i = code.local("i32");
    const loop = code.aside(() =>
      code.forUntil(i, padded, 4, () => {
        const operands = reads.map((buffer) => load(context, buffer, i));
        const operandTypes = reads.map(({ dtype }) => dtype);
        const resultType = (writes[0] as Buffer).dtype;
        emitOperation(lanes, { op, attrs, operands, operandTypes, resultType }, fma);
        for (const buffer of writes.toReversed()) store(context, buffer, i);
      }),
    );
    loadConstants();
    code.splice(loop);
  };
  const kernel: Kernel = { name: op, reads, writes, chunks: 1, cost: 1, emit };
  const given = new Map(reads.map((buffer, i) => [buffer, inputs[i]?.data ?? []] as const));
  return runKernels([kernel], given, writes).map((data) => data.subarray(0, size));
};

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** The float of a bit pattern. */
export const fromBits = (bits: number): number => {
  word[0] = bits;
  return float[0] as number;
};
