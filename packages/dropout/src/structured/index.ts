export { type DropBlockOptions, dropBlock } from "./drop-block.ts";
export { type DropConnectOptions, dropConnect, type KernelParams } from "./drop-connect.ts";
export { type DropPathOptions, dropPath } from "./drop-path.ts";
export {
  type LinearDropRatesOptions,
  linearDropRates,
  type StochasticDepth,
  stochasticDepth,
} from "./stochastic-depth.ts";
