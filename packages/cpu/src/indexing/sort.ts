import type { NodeOf, Value } from "@layerwise/autodiff/executor";
import { type Allocator, type Buffer, elementBytes, type Kernel } from "../kernel/kernel.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { divide, rangeOf } from "./chunks.ts";
import { loadBits, storeBits } from "./element.ts";
import { mergeSort } from "./merge-sort.ts";
import { nest } from "./nest.ts";
import { walk } from "./walk.ts";

/**
 * Sorts the operands along an axis by the first of them. Each line is sorted as 64-bit numbers of
 * which the high half orders like the key and the low half is the index: no two are equal, so that
 * equal keys keep their order.
 */
export const sortKernels = (
  { inputs, attrs, outputs }: NodeOf<"sort">,
  allocator: Allocator,
): readonly Kernel[] => {
  const { dimension, descending } = attrs;
  const { shape } = (inputs[0] as Value).type;
  const n = shape[dimension] as number;
  const inner = shape.slice(dimension + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, dimension).reduce((a, b) => a * b, 1);
  const lines = outer * inner;
  const pairs = inputs.map((value, i) => ({
    from: allocator.bufferOf(value),
    to: allocator.bufferOf(outputs[i] as Value),
  }));
  const keys = (pairs[0] as { readonly from: Buffer }).from;
  const cost = lines * n * (4 + 2 * Math.log2(Math.max(2, n)) + 2 * pairs.length);
  const chunks = divide(lines, cost);
  return [
    {
      name: "sort",
      reads: pairs.map(({ from }) => from),
      writes: pairs.map(({ to }) => to),
      chunks: chunks.count,
      cost,
      scratchBytes: 16 * n,
      emit: (context) => {
        if (lines * n === 0) return;
        const { code, scratch } = context;
        // Counts elements: operands may differ in the bytes of theirs.
        const walkers = [{ strides: [n * inner, 1] }];
        const [p, q, i] = [code.local("i32"), code.local("i32"), code.local("i32")];
        const start = (buffer: Buffer, line: Local): Code => {
          code.get(context.address(buffer)).get(line);
          if (buffer.dtype !== "bool") code.i32(2).op("i32.shl");
          return code.op("i32.add");
        };
        walk(code, [outer, inner], rangeOf(context, chunks), walkers, (locals) => {
          const line = locals[0] as Local;
          start(keys, line).set(p);
          code.get(scratch).set(q).i32(0).set(i);
          const step = inner * elementBytes(keys.dtype);
          const loads = [
            { local: p, strides: [step] },
            { local: q, strides: [8] },
            { local: i, strides: [1] },
          ];
          nest(code, [n], loads, () => {
            pushKey(code.get(q), keys, p, descending);
            code.op("i64.extend_i32_s").i64(32n).op("i64.shl");
            code.get(i).op("i64.extend_i32_u").op("i64.or").memory("i64.store");
          });
          const sorted = mergeSort(code, scratch, n);
          for (const { from, to } of pairs) {
            const unit = elementBytes(from.dtype);
            start(from, line).set(p);
            start(to, line).set(q);
            code.get(sorted).set(i);
            const stores = [
              { local: q, strides: [inner * unit] },
              { local: i, strides: [8] },
            ];
            nest(code, [n], stores, () => {
              code.get(q).get(p).get(i).memory("i32.load");
              code
                .i32(inner * unit)
                .op("i32.mul")
                .op("i32.add");
              storeBits(loadBits(code, from.dtype), to.dtype);
            });
          }
          code.release(sorted);
        });
      },
    },
  ];
};

/** Pushes an i32 that orders, signed, like the key at `p`. */
const pushKey = (code: Code, { dtype }: Buffer, p: Local, descending: boolean): void => {
  if (dtype === "f32") {
    const [x, bits] = [code.local("f32"), code.local("i32")];
    // NaN is above all. Adding 0 makes 0 of −0. Bits of negative floats order the other way round.
    code.i32(0x7fffffff);
    code.get(p).memory("f32.load").f32(0).op("f32.add").tee(x);
    code.op("i32.reinterpret_f32").tee(bits).get(bits).i32(31).op("i32.shr_s");
    code.i32(0x7fffffff).op("i32.and").op("i32.xor");
    code.get(x).get(x).op("f32.ne").op("select");
    code.release(x, bits);
  } else {
    loadBits(code.get(p), dtype);
    if (dtype === "u32") code.i32(-(2 ** 31)).op("i32.xor");
  }
  if (descending) code.i32(-1).op("i32.xor");
};
