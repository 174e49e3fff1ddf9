import type { DType } from "@layerwise/autodiff/executor";
import { elementBytes } from "../kernel/kernel.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** Elements of memory that stand for the lanes of a vector. */
export interface Run {
  readonly dtype: DType;
  /** Address of the first lane's element, less `shift` bytes. */
  readonly pointer: Local;
  readonly shift: number;
  /** Elements from one lane to the next. */
  readonly stride: number;
  /** Number of lanes that count, 1 to 4. */
  readonly width: number;
}

/** Pushes an address; returns what remains for the offset of the instruction, which is unsigned. */
const address = (code: Code, { pointer }: Run, shift: number): number => {
  code.get(pointer);
  if (shift >= 0) return shift;
  code.i32(shift).op("i32.add");
  return 0;
};

const laneShift = ({ dtype, shift, stride }: Run, lane: number): number =>
  shift + lane * stride * elementBytes(dtype);

const loadBools = (code: Code, run: Run): void => {
  const { stride, width } = run;
  const at = address(code, run, run.shift);
  if (stride === 0) {
    code.memory("v128.load8_splat", at).op("i8x16.neg");
    return;
  }
  if (stride === 1) {
    code
      .memory("v128.load32_zero", at)
      .op("i16x8.extend_low_i8x16_u")
      .op("i32x4.extend_low_i16x8_u");
  } else {
    code.memory("i32.load8_u", at).op("i32x4.splat");
    for (let lane = 1; lane < width; lane++) {
      const next = address(code, run, laneShift(run, lane));
      code.memory("i32.load8_u", next).lane("i32x4.replace_lane", lane);
    }
  }
  code.op("i32x4.neg");
};

/**
 * Pushes the vector of a run of elements; bools become lanes of all ones or zeros. Lanes beyond the
 * width hold anything.
 */
export const loadRun = (code: Code, run: Run): void => {
  const { dtype, shift, stride, width } = run;
  if (dtype === "bool") {
    loadBools(code, run);
  } else if (stride === 0) {
    code.memory("v128.load32_splat", address(code, run, shift));
  } else if (stride === 1) {
    code.memory("v128.load", address(code, run, shift));
  } else if (stride === -1 && width === 4) {
    const forward = code.local("v128");
    code
      .memory("v128.load", address(code, run, shift - 12))
      .tee(forward)
      .get(forward);
    code.shuffle32(3, 2, 1, 0).release(forward);
  } else {
    // The instruction wants address and vector in this order: all addresses go first.
    const offsets: number[] = [];
    for (let lane = width - 1; lane >= 0; lane--) {
      offsets[lane] = address(code, run, laneShift(run, lane));
    }
    offsets.forEach((at, lane) => {
      if (lane === 0) code.memory("v128.load32_zero", at);
      else code.laneMemory("v128.load32_lane", lane, at);
    });
  }
};

/** Stores the lanes of a vector that count; bools as bytes 0 and 1. */
export const storeRun = (code: Code, run: Run, value: Local): void => {
  const { dtype, shift, stride, width } = run;
  if (dtype === "bool") {
    storeBools(code, run, value);
  } else if (stride === 1 && width === 4) {
    const at = address(code, run, shift);
    code.get(value).memory("v128.store", at);
  } else {
    let lane = 0;
    if (stride === 1 && width >= 2) {
      const at = address(code, run, shift);
      code.get(value).laneMemory("v128.store64_lane", 0, at);
      lane = 2;
    }
    for (; lane < width; lane++) {
      const at = address(code, run, laneShift(run, lane));
      code.get(value).laneMemory("v128.store32_lane", lane, at);
    }
  }
};

const storeBools = (code: Code, run: Run, value: Local): void => {
  if (run.stride === 1 && run.width === 4) {
    const at = address(code, run, run.shift);
    code
      .get(value)
      .get(value)
      .op("i16x8.narrow_i32x4_s")
      .get(value)
      .op("i8x16.narrow_i16x8_s")
      .op("i8x16.neg")
      .laneMemory("v128.store32_lane", 0, at);
    return;
  }
  const ones = code.local("v128");
  code.get(value).op("i32x4.neg").set(ones);
  for (let lane = 0; lane < run.width; lane++) {
    const at = address(code, run, laneShift(run, lane));
    code.get(ones).laneMemory("v128.store8_lane", 4 * lane, at);
  }
  code.release(ones);
};
