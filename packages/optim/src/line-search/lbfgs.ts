import { chain, identity } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LinesearchExtra } from "../core/extras.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { type LearningRateState, scaleByLearningRate } from "../core/scale.ts";
import type {
  AnyTransformation,
  EmptyState,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import {
  type ScaleByLbfgsOptions,
  type ScaleByLbfgsState,
  scaleByLbfgs,
} from "./scale-by-lbfgs.ts";
import {
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch,
} from "./scale-by-zoom-linesearch.ts";
import { withGrads } from "./with-grads.ts";

/** Options of {@link lbfgs}. */
export interface LbfgsOptions extends ScaleByLbfgsOptions {
  /** A factor of the direction, a number or a schedule. Default 1. */
  readonly learningRate?: LearningRate | undefined;
}

/** The states of {@link lbfgs}: memory, learning rate, line search. */
export type LbfgsState<Linesearch> = readonly [ScaleByLbfgsState, LearningRateState, Linesearch];

/**
 * L-BFGS: θ ← θ − α η H g, with H from the last `memorySize` steps and α from a line search.
 *
 * `linesearch` is {@link scaleByZoomLinesearch} unless given, and `null` for none, where the learning
 * rate alone decides. It wants the whole loss, not that of a batch: curvature is a difference of
 * gradients. A search is a loop of unknown length, which on WebGPU needs the asynchronous call of a
 * compiled function. Reference: Liu and Nocedal, 1989, https://doi.org/10.1007/BF01589116.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { applyUpdates, lbfgs, valueAndGradFromState } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const valueFn = (x: tf.Tensor) => tf.sum(tf.square(tf.sub(x, [1, 2])));
 * const gradFn = grad(valueFn);
 * const optimizer = lbfgs();
 * let x: tf.Tensor = tf.tensor1d([5, -3]);
 * let state = optimizer.init(x);
 * for (let i = 0; i < 5; i++) {
 *   const { value, grad } = valueAndGradFromState({ valueFn, gradFn })(x, state);
 *   const step = optimizer.update(grad, state, x, { value, valueFn, gradFn });
 *   x = applyUpdates(x, step.updates);
 *   state = step.state;
 * }
 * if (valueFn(x).dataSync()[0] !== 0) throw new Error(`${x}`);
 * ```
 */
export function lbfgs(
  options?: LbfgsOptions & { readonly linesearch?: undefined },
): GradientTransformation<LbfgsState<ScaleByZoomLinesearchState>, Omit<LinesearchExtra, "grad">>;
export function lbfgs(
  options: LbfgsOptions & { readonly linesearch: null },
): GradientTransformation<LbfgsState<EmptyState>>;
export function lbfgs<Linesearch extends AnyTransformation>(
  options: LbfgsOptions & { readonly linesearch: Linesearch },
): GradientTransformation<
  LbfgsState<OptimizerState<Linesearch>>,
  Omit<ExtraOf<Linesearch>, "grad">
>;
export function lbfgs({
  learningRate = 1,
  linesearch = scaleByZoomLinesearch(),
  ...rest
}: LbfgsOptions & { readonly linesearch?: AnyTransformation | null | undefined } = {}): unknown {
  checkLearningRate("lbfgs", learningRate);
  return withGrads(
    chain(scaleByLbfgs(rest), scaleByLearningRate(learningRate), linesearch ?? identity()),
  );
}
