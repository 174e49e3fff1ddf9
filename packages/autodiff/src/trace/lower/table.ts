import { activation, type ActivationKernel } from "./activation.ts";
import { binary, type BinaryKernel } from "./binary.ts";
import { comparison, type ComparisonKernel } from "./comparison.ts";
import { convolution, type ConvolutionKernel } from "./convolution.ts";
import { creation, type CreationKernel } from "./creation.ts";
import { image, type ImageKernel } from "./dilation.ts";
import { indexing, type IndexingKernel } from "./indexing.ts";
import type { Family, Lowering } from "./lowering.ts";
import { matmul, type MatmulKernel } from "./matmul.ts";
import { movement, type MovementKernel } from "./movement.ts";
import { normalization, type NormalizationKernel } from "./normalization.ts";
import { pooling, type PoolingKernel } from "./pooling.ts";
import { reduction, type ReductionKernel } from "./reduction.ts";
import { resize, type ResizeKernel } from "./resize.ts";
import { slicing, type SlicingKernel } from "./slicing.ts";
import { unary, type UnaryKernel } from "./unary.ts";

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
