import type { AnyCase } from "../support/op-cases.ts";
import { testOps } from "./ops.ts";
import { openWebGPU } from "./webgpu.ts";

const open = await openWebGPU();

// tfjs's integer kernels compute in floats on the GPU, exact up to 2²⁴; and WGSL may assume that
// there is no NaN and no infinity.
const beyond = (c: AnyCase): boolean =>
  /special values|NaN|wraps|limits|out of range|minimum i32 of padding/.test(c.name) ||
  c.title === "select: i32";

// WGSL allows sines and cosines an absolute error of 2⁻¹¹.
testOps(
  "webgpu",
  () => ({ absolute: 5e-4, relative: 5e-4 }),
  (c) => !open || beyond(c),
);
