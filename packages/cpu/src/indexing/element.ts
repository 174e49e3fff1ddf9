import type { DType } from "@layerwise/autodiff/executor";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** Loads an element as its bits (address on the stack). */
export const loadBits = (code: Code, dtype: DType, offset = 0): Code =>
  code.memory(dtype === "bool" ? "i32.load8_u" : "i32.load", offset);

/** Stores the bits of an element (address and bits on the stack). */
export const storeBits = (code: Code, dtype: DType, offset = 0): Code =>
  code.memory(dtype === "bool" ? "i32.store8" : "i32.store", offset);

/** Adds the element at `source` to the one at `target`; integers and bools wrap. */
export const addElement = (
  code: Code,
  dtype: DType,
  target: Local,
  source: Local,
  offset = 0,
): void => {
  code.get(target);
  if (dtype === "f32") {
    code.get(target).memory("f32.load", offset).get(source).memory("f32.load", offset);
    code.op("f32.add").memory("f32.store", offset);
    return;
  }
  loadBits(code.get(target), dtype, offset);
  loadBits(code.get(source), dtype, offset).op("i32.add");
  storeBits(code, dtype, offset);
};

/** Loads four elements as lanes of 32 bits (address on the stack), also from behind the end. */
export const loadVector = (code: Code, dtype: DType, offset = 0): Code =>
  dtype === "bool"
    ? code
        .memory("v128.load32_zero", offset)
        .op("i16x8.extend_low_i8x16_u")
        .op("i32x4.extend_low_i16x8_u")
    : code.memory("v128.load", offset);

/** Stores the first `lanes` lanes of a vector. */
export const storeVector = (
  code: Code,
  dtype: DType,
  address: Local,
  value: Local,
  lanes: number,
  offset = 0,
): void => {
  if (dtype === "bool") {
    for (let lane = 0; lane < lanes; lane++) {
      code.get(address).get(value).lane("i32x4.extract_lane", lane);
      code.memory("i32.store8", offset + lane);
    }
    return;
  }
  if (lanes === 4) code.get(address).get(value).memory("v128.store", offset);
  if (lanes === 2 || lanes === 3) {
    code.get(address).get(value).laneMemory("v128.store64_lane", 0, offset);
  }
  if (lanes === 1 || lanes === 3) {
    const lane = lanes - 1;
    code
      .get(address)
      .get(value)
      .laneMemory("v128.store32_lane", lane, offset + 4 * lane);
  }
};
