export { foldIn, type Key, key, split } from "./key.ts";
export {
  bernoulli,
  bits,
  categorical,
  normal,
  permutation,
  randint,
  truncatedNormal,
  type UniformOptions,
  uniform,
} from "./samplers.ts";
