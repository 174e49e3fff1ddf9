// What executors are made of: for packages that run graphs on a device of their own.

export {
  type Executable,
  type ExecutableOptions,
  type Executor,
  registerExecutor,
} from "./execute/executor.ts";
export {
  type EvaluateOptions,
  evaluateGraph,
  evaluateNode,
  type HostData,
  type HostTensor,
  hostTensor,
} from "./host/index.ts";
export { Builder, literal } from "./ir/builder.ts";
export { infer } from "./ir/infer.ts";
export {
  at,
  complement,
  invert,
  isFloat,
  range,
  sameShape,
  sameType,
  showType,
  sizeOf,
} from "./ir/shape.ts";
export type * from "./ir/types.ts";
export { inlineCalls } from "./pass/inline-calls.ts";
export { lastUses } from "./pass/liveness.ts";
export { optimize } from "./pass/optimize.ts";
export { KernelCall, type Lowering, lowerings, type TracedKernel } from "./trace/lower/index.ts";
export { tfDType, typeOf } from "./trace/tensors.ts";
export { expandLinearCalls } from "./transform/linear-call.ts";
