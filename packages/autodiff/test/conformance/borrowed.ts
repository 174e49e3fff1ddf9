const WITHOUT_LOWERING: readonly string[] = [
  // Complex numbers.
  "Complex ComplexAbs FFT IFFT Imag Real",
  // Strings.
  "StaticRegexReplace StringNGrams StringSplit StringToHashBucketFast",
  // Shapes that depend on data.
  "NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 RaggedGather RaggedRange",
  "RaggedTensorToTensor SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum Unique",
  // Random numbers that a graph would freeze.
  "Multinomial",
  // Shapes as data.
  "BroadcastArgs",
  // Not needed for training.
  "RotateWithOffset Transform",
];

/**
 * Kernels for which the specs run tfjs's own: there is no lowering of them. Kernels that have one
 * are borrowed for operands of strings and complex numbers only.
 */
export const BORROWED: ReadonlySet<string> = new Set(
  WITHOUT_LOWERING.flatMap((names) => names.split(" ")),
);
