export {
  type Float64,
  float64,
  float64Tensor,
  type HostTensor,
  hostLeaves,
  leafCount,
  numbers,
  toHost,
} from "./float64.ts";
