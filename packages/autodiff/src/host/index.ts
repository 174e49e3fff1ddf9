export { type EvaluateOptions, evaluateGraph, evaluateNode } from "./evaluate.ts";
export { type HostData, type HostTensor, hostTensor } from "./tensor.ts";
export { threefry2x32 } from "./threefry.ts";
