// File formats

// Batching
export {
  type BatchesOptions,
  type BatchPosition,
  batches,
  batchesPerEpoch,
  type IndexBatch,
} from "./batches.ts";
// Preparation
export { type ColumnStats, columnStats, minMaxScale, oneHot, standardize } from "./columns.ts";
// Datasets
export { type LabelledImages, subset, take } from "./dataset.ts";
export { gatherRows, type NumericArray } from "./gather.ts";
export { encodeIdx, type IdxArray, type IdxDtype, parseIdx } from "./idx.ts";
export {
  labelledImages,
  type NamedIdx,
  type UnlabelledImages,
  unlabelledImages,
} from "./labelled-images.ts";
export { type Mnist, type MnistOptions, type MnistSource, mnist } from "./mnist.ts";
export { permutation } from "./permutation.ts";
export { encodeIdxGzip, readIdx } from "./read-idx.ts";
export { residentBatches, type TensorBatch } from "./resident-batches.ts";
export { readBytes, writeBytes } from "./runtime.ts";
export {
  encodeSafetensors,
  type NamedTensor,
  parseSafetensors,
  type Safetensors,
} from "./safetensors.ts";
export { balancedSubset, type TrainValidationIndices, trainValidationSplit } from "./split.ts";
export { gatherTensor, imagesTensor, labelsTensor, oneHotTensor } from "./tensors.ts";
