export { dropoutMask } from "./mask.ts";
export type { StochasticLayer } from "./stochastic-layer.ts";
