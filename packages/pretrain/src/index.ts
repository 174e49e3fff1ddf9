// Weights
export { type TreeArrays, treeFromArrays, treeToArrays } from "./arrays.ts";
// Networks
export {
  type Classifier,
  type ClassifierOptions,
  classifier,
  errorRate,
  withPretrained,
} from "./classifier.ts";
export { encodeAll } from "./encode.ts";
// The loop
export {
  DivergenceError,
  describePhase,
  type EpochEvent,
  type FitEvent,
  type Phase,
  type StepEvent,
} from "./events.ts";
export { type FineTuneOptions, fineTune, type Stage } from "./fine-tune.ts";
export { finish } from "./finish.ts";
export {
  type BatchLoss,
  type Dataset,
  type FitOptions,
  type FitResult,
  fit,
  type Schedule,
  type Signal,
} from "./fit.ts";
export {
  encoderPart,
  type GreedyLayer,
  type GreedyOptions,
  type GreedyResult,
  pretrainGreedy,
} from "./greedy.ts";
