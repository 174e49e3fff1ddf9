export {
  accuracy,
  errorRate,
  sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy,
  squaredError,
} from "./losses.ts";
