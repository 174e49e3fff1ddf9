export { cosineDistance } from "./cosine-distance.ts";
export {
  binaryCrossEntropy,
  type CrossEntropyOptions,
  sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy,
} from "./cross-entropy.ts";
export { type DiagonalGaussian, gaussianKL, klDivergence } from "./divergences.ts";
export { smoothLabels } from "./labels.ts";
export { hinge, squaredHinge, type TripletOptions, tripletLoss } from "./margins.ts";
export { type MmdOptions, maximumMeanDiscrepancy } from "./mmd.ts";
export { l1Penalty, l2Penalty, type PenaltyOptions } from "./penalties.ts";
export {
  absoluteError,
  type HuberOptions,
  huber,
  logCoshError,
  meanAbsoluteError,
} from "./robust.ts";
export { halfSquaredError, meanSquaredError, squaredError } from "./squared.ts";
