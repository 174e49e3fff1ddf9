import type { TensorTree } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  greater,
  less,
  maximum,
  minimum,
  mul,
  neg,
  relu,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkFinite, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { SMALLEST_SQUARED_NORM } from "./smallest-squared-norm.ts";

/** The options that MoMo and MoMo-Adam share. */
export interface MomoModelOptions {
  /** The largest step size η, a number or a schedule. Default 1, for MoMo-Adam 1e-2. */
  readonly learningRate?: LearningRate | undefined;
  /** The bound f* below the loss, or where its estimate starts. Default 0. */
  readonly lowerBound?: Hyperparameter | undefined;
  /** Decoupled decay λ, by a proximal step. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
  /** Estimate the bound on the way, never below `lowerBound`. Default false. */
  readonly adaptLowerBound?: boolean | undefined;
}

/** The model of the loss at a step. */
interface Model {
  readonly rate: Tensor;
  readonly value: Tensor;
  readonly gamma: Tensor;
  /** ⟨d, θ⟩. */
  readonly inner: Tensor;
  /** ‖d‖², in the norm of the preconditioner. */
  readonly squaredNorm: Tensor;
  readonly lowerBound: Tensor;
  /** The weight that the averages have gathered; 1 where nothing corrects them. */
  readonly gathered?: Tensor;
  readonly direction: TensorTree;
  readonly params: TensorTree;
}

/** Throws for a bad option. */
export function checkModel(
  name: string,
  { lowerBound = 0, weightDecay = 0 }: MomoModelOptions,
): void {
  checkFinite(`${name}: lowerBound`, lowerBound);
  checkRange(`${name}: weightDecay`, weightDecay, 0);
}

/** The step to where the model meets the bound, or of size η, and the next bound. */
export function modelStep<P extends TensorTree>(
  { weightDecay = 0, lowerBound: floor = 0, adaptLowerBound = false }: MomoModelOptions,
  model: Omit<Model, "direction"> & { readonly direction: P },
): { readonly updates: P; readonly lowerBound: Tensor } {
  const { rate, value, gamma, inner, squaredNorm, lowerBound, gathered } = model;
  const weigh = (x: Tensor): Tensor => (gathered === undefined ? x : mul(gathered, x));
  const correct = (x: Tensor): Tensor => (gathered === undefined ? x : div(x, gathered));
  const decay = times(rate, weightDecay);
  const shrink = plus(decay, 1);

  // Where the model is below the bound already, the bound was too high.
  const cap = add(mul(shrink, sub(value, gamma)), inner);
  const half = maximum(correct(div(cap, times(shrink, 2))), tensorOf(floor));
  const bound = adaptLowerBound
    ? where(less(cap, mul(shrink, weigh(lowerBound))), half, lowerBound)
    : lowerBound;

  const gap = relu(add(mul(shrink, sub(sub(value, weigh(bound)), gamma)), inner));
  const wanted = where(
    greater(squaredNorm, tensorOf(SMALLEST_SQUARED_NORM)),
    div(gap, squaredNorm),
    0,
  );
  const step = minimum(correct(rate), wanted);
  const moved = mapTensors((d) => neg(mul(step, d)), model.direction);
  const updates =
    weightDecay === 0
      ? moved
      : mapTensors((u, p) => sub(u, mul(div(decay, shrink), p)), moved, model.params);

  const reached = sub(sub(add(value, inner), gamma), times(mul(step, squaredNorm), 0.5));
  return {
    updates,
    lowerBound: adaptLowerBound ? maximum(correct(reached), tensorOf(floor)) : clone(lowerBound),
  };
}
