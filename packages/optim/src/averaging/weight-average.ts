import type { TensorTree } from "@layerwise/autodiff";

/**
 * An average of parameters over the steps of training, as pure functions.
 *
 * `init(params)` returns the state for the parameters before training, `update(params, state)` the
 * next state for the parameters after a step, `params(state)` the averaged parameters. All return
 * fresh tensors: the average shares nothing with the parameters.
 */
export interface WeightAverage<State = unknown> {
  init(params: TensorTree): State;
  update(params: TensorTree, state: State): State;
  params<Params extends TensorTree = TensorTree>(state: State): Params;
}
