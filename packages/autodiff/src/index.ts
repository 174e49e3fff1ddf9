// Running functions on tensors and trees

export type { Selected } from "./api/argnums.ts";
export { type Compiled, type CompileOptions, compile } from "./api/compile.ts";
export { constant } from "./api/constant.ts";
export { type ScanOptions, scan, whileLoop } from "./api/control.ts";
export { checkpoint, customJvp, customVjp, type VjpRule } from "./api/custom.ts";
export { type GradOptions, grad, valueAndGrad, valueAndGradAux } from "./api/grad.ts";
export { hessian, hvp } from "./api/hessian.ts";
export { type Jacobian, jacfwd, jacrev } from "./api/jacobian.ts";
export { linearize } from "./api/linearize.ts";
export { stopGradient } from "./api/stop-gradient.ts";
export { jvp, vjp } from "./api/vjp.ts";
export { type VmapOptions, vmap } from "./api/vmap.ts";
export {
  type Executable,
  type ExecutableOptions,
  type Executor,
  registerExecutor,
} from "./execute/executor.ts";
// Graphs
export { interpreter } from "./interpret/index.ts";
export { Builder } from "./ir/builder.ts";
export type * from "./ir/types.ts";
export { optimize, peakBytes } from "./pass/index.ts";
export {
  type AnnotatedGraph,
  type Annotation,
  annotate,
  type DrawOptions,
  toDot,
  toSvg,
  toText,
} from "./print/index.ts";
export type { Key } from "./random/index.ts";
export * as random from "./random/index.ts";
export { type TensorSpec, type Trace, trace } from "./trace/trace.ts";
// Trees
export {
  isTreeNode,
  type LeafOf,
  type LeavesOf,
  type MapTree,
  type TensorTree,
  type Tree,
  type TreeDef,
  treeAll,
  treeDispose,
  treedefPaths,
  treeFlatten,
  treeFlattenLike,
  treeGet,
  treeLeaves,
  treeMap,
  treeMapWithPath,
  treeMismatch,
  treePaths,
  treeReduce,
  treeSet,
  treeStructureEquals,
  treeTidy,
  treeUnflatten,
} from "./tree/index.ts";
