export {
  type McDropoutOptions,
  type McMoments,
  type McSamplesOptions,
  mcDropout,
  mcSamples,
} from "./mc-dropout.ts";
export { type PredictiveMeanOptions, predictiveMean } from "./predictive-mean.ts";
export { withDropout } from "./with-dropout.ts";
