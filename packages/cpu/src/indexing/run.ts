import type { DType } from "@layerwise/autodiff/executor";
import { elementBytes } from "../kernel/kernel.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { addElement, loadBits, storeBits } from "./element.ts";
import { nest } from "./nest.ts";
import type { Axes } from "./walk.ts";

/** Longer runs than this many bytes are copied by `memory.copy`, whose call costs some 10 ns. */
const LONGEST_INLINE = 256;

/** Copies `bytes` bytes that do not overlap; nothing behind the target's end is written. */
export const copyRun = (code: Code, target: Local, source: Local, bytes: number): void => {
  if (bytes > LONGEST_INLINE) {
    code.get(target).get(source).i32(bytes).memoryCopy();
    return;
  }
  const whole = bytes - (bytes % 16);
  const vector = (offset: number): void => {
    code.get(target).get(source).memory("v128.load", offset).memory("v128.store", offset);
  };
  for (let offset = 0; offset < whole; offset += 16) vector(offset);
  if (bytes === whole) return;
  // The last vector may overlap the one before it.
  if (whole > 0) {
    vector(bytes - 16);
    return;
  }
  let offset = 0;
  for (const size of [8, 4, 1] as const) {
    const [load, store] = PIECES[size];
    for (; offset + size <= bytes; offset += size) {
      code.get(target).get(source).memory(load, offset).memory(store, offset);
    }
  }
};

const PIECES = {
  8: ["i64.load", "i64.store"],
  4: ["i32.load", "i32.store"],
  1: ["i32.load8_u", "i32.store8"],
} as const;

/** Vectors of a run that are added in straight code. */
const MOST_UNROLLED = 16;

/** Adds `count` elements in a row to as many others. */
export const addRun = (
  code: Code,
  dtype: DType,
  target: Local,
  source: Local,
  count: number,
): void => {
  const unit = elementBytes(dtype);
  if (dtype === "bool") {
    const pointers = [target, source].map((local) => ({ local, strides: [1] }));
    nest(code, [count], pointers, () => addElement(code, dtype, target, source));
    return;
  }
  const vectors = Math.floor(count / 4);
  const vector = (offset: number): void => {
    code.get(target).get(target).memory("v128.load", offset);
    code.get(source).memory("v128.load", offset);
    code.op(dtype === "f32" ? "f32x4.add" : "i32x4.add").memory("v128.store", offset);
  };
  const loops = vectors > MOST_UNROLLED ? Math.floor(vectors / 4) : 0;
  const rest = { from: 16 * loops, to: 4 * vectors };
  if (loops > 0) {
    const pointers = [target, source].map((local) => ({ local, strides: [64] }));
    nest(code, [loops], pointers, () => {
      for (let i = 0; i < 4; i++) vector(16 * i);
    });
  }
  for (let i = rest.from; i < rest.to; i += 4) vector(unit * i);
  for (let i = rest.to; i < count; i++) addElement(code, dtype, target, source, unit * i);
};

/**
 * Copies, or adds, a block of elements: the strides of the axes, in bytes, are those of the target
 * and of the source. What lies in a row in both is moved as a run.
 */
export const moveBlock = (
  code: Code,
  dtype: DType,
  kind: "set" | "add",
  { sizes, strides }: Axes,
  from: { readonly target: Local; readonly source: Local },
): void => {
  const unit = elementBytes(dtype);
  if (sizes.includes(0)) return;
  const last = sizes.length - 1;
  const run = last >= 0 && strides.every((list) => list[last] === unit);
  const outer = run ? sizes.slice(0, -1) : sizes;
  const length = run ? (sizes[last] as number) : 1;
  // Copies, because the pointers move.
  const [target, source] = [code.local("i32"), code.local("i32")];
  code.get(from.target).set(target).get(from.source).set(source);
  const pointers = [target, source].map((local, i) => ({
    local,
    strides: strides[i] as readonly number[],
  }));
  nest(code, outer, pointers, () => {
    if (kind === "add") addRun(code, dtype, target, source, length);
    else if (length > 1) copyRun(code, target, source, length * unit);
    else storeBits(loadBits(code.get(target).get(source), dtype), dtype);
  });
  code.release(target, source);
};

/** Adds `index · stride` to an address for an index on the stack. */
export const offsetBy = (code: Code, address: Local, stride: number): void => {
  code.i32(stride).op("i32.mul").get(address).op("i32.add").set(address);
};

/** Limits the i32 on the stack to [0, room], which is what starts of slices are clamped to. */
export const clampStart = (code: Code, room: number): void => {
  const index = code.local("i32");
  code.tee(index).i32(0).get(index).i32(0).op("i32.gt_s").op("select").tee(index);
  code.i32(room).get(index).i32(room).op("i32.lt_s").op("select");
  code.release(index);
};
