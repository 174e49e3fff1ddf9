import { type ActivationKernel, activation } from "./activation.ts";
import { type BinaryKernel, binary } from "./binary.ts";
import { type ComparisonKernel, comparison } from "./comparison.ts";
import { type ConvolutionKernel, convolution } from "./convolution.ts";
import { type CreationKernel, creation } from "./creation.ts";
import { type ImageKernel, image } from "./dilation.ts";
import { type IndexingKernel, indexing } from "./indexing.ts";
import type { Family, Lowering } from "./lowering.ts";
import { type MatmulKernel, matmul } from "./matmul.ts";
import { type MovementKernel, movement } from "./movement.ts";
import { type NormalizationKernel, normalization } from "./normalization.ts";
import { type PoolingKernel, pooling } from "./pooling.ts";
import { type ReductionKernel, reduction } from "./reduction.ts";
import { type ResizeKernel, resize } from "./resize.ts";
import { type SlicingKernel, slicing } from "./slicing.ts";
import { type UnaryKernel, unary } from "./unary.ts";

/** Every tfjs kernel that can be traced. */
export type TracedKernel =
  | ActivationKernel
  | BinaryKernel
  | ComparisonKernel
  | ConvolutionKernel
  | CreationKernel
  | ImageKernel
  | IndexingKernel
  | MatmulKernel
  | MovementKernel
  | NormalizationKernel
  | PoolingKernel
  | ReductionKernel
  | ResizeKernel
  | SlicingKernel
  | UnaryKernel;

const table: Family<TracedKernel> = {
  ...activation,
  ...binary,
  ...comparison,
  ...convolution,
  ...creation,
  ...image,
  ...indexing,
  ...matmul,
  ...movement,
  ...normalization,
  ...pooling,
  ...reduction,
  ...resize,
  ...slicing,
  ...unary,
};

/** The IR of every tfjs kernel that can be traced, by the kernel's name. */
export const lowerings: { readonly [kernel: string]: Lowering } = table;
