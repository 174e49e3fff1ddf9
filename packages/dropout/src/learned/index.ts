export {
  type ConcreteDropoutOptions,
  type ConcreteDropoutParams,
  type ConcreteDropoutPenaltyOptions,
  concreteDropout,
  concreteDropoutPenalty,
} from "./concrete-dropout.ts";
export { type ShakeoutOptions, shakeout } from "./shakeout.ts";
export { type StandoutOptions, standout } from "./standout.ts";
export {
  type VariationalDenseOptions,
  type VariationalDenseParams,
  variationalDense,
  variationalKl,
  variationalSparsity,
} from "./variational-dense.ts";
