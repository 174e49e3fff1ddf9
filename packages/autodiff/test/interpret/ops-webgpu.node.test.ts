import type { AnyCase } from "../support/op-cases.ts";
import { testOps } from "./ops.ts";
import { openWebGPU } from "./webgpu.ts";

const open = await openWebGPU();

// tfjs's integer kernels compute in floats on the GPU, and WGSL may assume that there is no NaN
// and no infinity.
const beyond = (c: AnyCase): boolean => /special values|NaN|wraps|limits|out of range/.test(c.name);

testOps(
  "webgpu",
  () => ({ absolute: 1e-5, relative: 1e-4 }),
  (c) => !open || beyond(c),
);
