export {
  type AdaptivePoolOptions,
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
} from "./adaptive.ts";
export { type GlobalPoolOptions, globalAveragePool, globalMaxPool } from "./global.ts";
export {
  type AveragePoolOptions,
  averagePool1d,
  averagePool2d,
  maxPool1d,
  maxPool2d,
  type PoolOptions,
} from "./pool.ts";
export {
  type MaxPoolWithIndicesOptions,
  maxPoolWithIndices,
  maxUnpool,
  type PooledWithIndices,
} from "./unpool.ts";
export { type Alignment, type UpsampleOptions, upsample1d, upsample2d } from "./upsample.ts";
