import { type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import {
  type Allocator,
  type Buffer,
  elementBytes,
  type Kernel,
  type KernelContext,
} from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import type { PlainOp } from "../wasm/opcodes.ts";
import { pushBetter, setWhere } from "./better.ts";
import { type Chunks, divide, rangeOf } from "./chunks.ts";
import { columns } from "./columns.ts";
import { type Line, linesOf } from "./cumulative.ts";
import { loadVector, storeVector } from "./element.ts";
import { nest } from "./nest.ts";
import { advance, walk } from "./walk.ts";

type Extreme = "maximum" | "minimum";

interface Job {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly monoid: Extreme;
  readonly line: Line;
  readonly chunks: Chunks;
}

/** Index of the first extreme along an axis; NaN counts as the extreme. */
export const argReduceKernels = (
  { inputs, attrs, outputs }: NodeOf<"arg_reduce">,
  allocator: Allocator,
): readonly Kernel[] => {
  const { monoid, dimension } = attrs;
  const { shape } = (inputs[0] as Value).type;
  const from = allocator.bufferOf(inputs[0] as Value);
  const to = allocator.bufferOf(outputs[0] as Value);
  const inner = sizeOf(shape.slice(dimension + 1));
  const inRows = inner === 1 && (shape[dimension] as number) >= 4 && from.dtype !== "bool";
  const perElement = inner >= 4 || inRows ? 0.5 : 1;
  const cost = sizeOf(shape) * perElement + 3 * to.size;
  const line = linesOf(shape, dimension, cost);
  const chunks = divide(line.outer * line.pieces, cost);
  const job = { from, to, monoid, line, chunks };
  return [
    {
      name: `arg_reduce ${monoid}`,
      reads: [from],
      writes: [to],
      chunks: chunks.count,
      cost,
      emit: (context) => {
        if (to.size === 0) return;
        if (inRows) alongRows(context, job);
        else acrossRows(context, job);
      },
    },
  ];
};

/** One vector holds neighbours along the inner axes. */
const acrossRows = (context: KernelContext, { from, to, monoid, line, chunks }: Job): void => {
  const { code } = context;
  const { dtype } = from;
  const { outer, n, pieces, width } = line;
  const unit = elementBytes(dtype);
  const step = pieces * width * unit;
  const walkers = [
    { base: context.address(from), strides: [n * step, width * unit] },
    { base: context.address(to), strides: [4 * pieces * width, 4 * width] },
  ];
  const [source, target] = [code.local("i32"), code.local("i32")];
  const [value, mask, place, one] = [0, 1, 2, 3].map(() => code.local("v128")) as Four;
  code.i32(1).op("i32x4.splat").set(one);
  walk(code, [outer, pieces], rangeOf(context, chunks), walkers, (locals) => {
    code.get(locals[0] as Local).set(source);
    code.get(locals[1] as Local).set(target);
    const pointers = [
      { local: source, unit },
      { local: target, unit: 4 },
    ];
    columns(code, width, 2, pointers, (lanes) => {
      const found = lanes.map(() => ({ best: code.local("v128"), index: code.local("v128") }));
      found.forEach(({ best, index }, i) => {
        loadVector(code.get(source), dtype, 4 * i * unit).set(best);
        code.i32(0).op("i32x4.splat").set(index);
      });
      code.i32(0).op("i32x4.splat").set(place);
      const first = code.local("i32");
      code.get(source).set(first);
      nest(code, [n - 1], [{ local: source, strides: [step] }], () => {
        code.get(place).get(one).op("i32x4.add").set(place);
        found.forEach(({ best, index }, i) => {
          loadVector(code.get(source), dtype, step + 4 * i * unit).set(value);
          pushBetter(code, dtype, monoid, value, best);
          code.set(mask);
          setWhere(code, mask, best, value);
          setWhere(code, mask, index, place);
        });
      });
      code.get(first).set(source);
      found.forEach(({ best, index }, i) => {
        storeVector(code, "i32", target, index, lanes[i] as number, 16 * i);
        code.release(best, index);
      });
      code.release(first);
    });
  });
};

type Four = [Local, Local, Local, Local];

const EXTREMES = {
  f32: { maximum: "f32x4.max", minimum: "f32x4.min" },
  i32: { maximum: "i32x4.max_s", minimum: "i32x4.min_s" },
  u32: { maximum: "i32x4.max_u", minimum: "i32x4.min_u" },
} as const satisfies Record<string, Record<Extreme, PlainOp>>;

/** Rows from this many elements on have four extremes, combined at the end. */
const LONG = 64;

/** Rows of four and more elements in a row: the extreme first, then where it stands. */
const alongRows = (context: KernelContext, { from, to, monoid, line, chunks }: Job): void => {
  const { code } = context;
  const { outer, n } = line;
  const float = from.dtype === "f32";
  const op = EXTREMES[from.dtype as "f32" | "i32" | "u32"][monoid];
  const walkers = [
    { base: context.address(from), strides: [4 * n] },
    { base: context.address(to), strides: [4] },
  ];
  const [extreme, value] = [code.local("v128"), code.local("v128")];
  // Extremes of NaN-aware floats take long to finish: several at a time in long rows.
  const others = [1, 2, 3].slice(0, n < LONG ? 0 : 3).map(() => code.local("v128"));
  const [p, bits, index] = [code.local("i32"), code.local("i32"), code.local("i32")];
  walk(code, [outer], rangeOf(context, chunks), walkers, (locals) => {
    const [row, target] = locals as [Local, Local];
    code.get(row).tee(p).memory("v128.load").set(extreme);
    const fold = (into: Local, offset: number): void => {
      code.get(into).get(p).memory("v128.load", offset).op(op).set(into);
    };
    for (const other of others) code.get(extreme).set(other);
    const all = [extreme, ...others];
    // The pointer comes back; what remains is folded with elements seen before, which changes nothing.
    const width = 4 * all.length;
    nest(code, [Math.floor(n / width)], [{ local: p, strides: [4 * width] }], () =>
      all.forEach((into, i) => {
        fold(into, 16 * i);
      }),
    );
    for (let i = n - (n % width); i < n; i += 4) fold(extreme, 4 * Math.min(i, n - 4));
    for (const other of others) code.get(extreme).get(other).op(op).set(extreme);
    code.get(extreme).get(extreme).get(extreme).shuffle32(2, 3, 0, 1).op(op).set(extreme);
    code.get(extreme).get(extreme).get(extreme).shuffle32(1, 0, 3, 2).op(op).set(extreme);
    // All lanes hold the extreme, which is in the row. NaN is where numbers differ from themselves.
    code.i32(0).set(index);
    code.loop((again) => {
      code.get(p).memory("v128.load").tee(value).get(extreme);
      code.op(float ? "f32x4.eq" : "i32x4.eq");
      if (float) code.get(value).get(value).op("f32x4.ne").op("v128.or");
      code.op("i32x4.bitmask").tee(bits).op("i32.eqz");
      code.if(() => {
        advance(code, p, 16);
        advance(code, index, 4);
        code.br(again);
      });
    });
    code.get(target).get(index).get(bits).op("i32.ctz").op("i32.add").memory("i32.store");
  });
};
