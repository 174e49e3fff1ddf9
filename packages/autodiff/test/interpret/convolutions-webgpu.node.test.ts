import { testConvolutions } from "./convolutions.ts";
import { openWebGPU } from "./webgpu.ts";

testConvolutions("webgpu", 30, !(await openWebGPU()));
