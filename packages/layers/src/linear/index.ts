export type { AffineInits, AffineParams } from "./affine.ts";
export { type DenseOptions, type DenseParams, dense } from "./dense.ts";
export { type DenseTransposedParams, denseTransposed } from "./dense-transposed.ts";
export { type MaxoutDenseOptions, maxoutDense } from "./maxout-dense.ts";
