import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy, whileLoop } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  clone,
  greater,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  minimum,
  mul,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import type { LinesearchExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { treeDot } from "../core/tree-sums.ts";
import { along, orHuge, requireFunctions, scaledBy } from "./line.ts";

/** The state of {@link scaleByBacktrackingLinesearch}. */
export type ScaleByBacktrackingLinesearchState = {
  /** The last step tried, where the next search starts from. */
  readonly learningRate: Scalar;
  /** The loss after the update. */
  readonly value: Scalar;
  /** Its gradient there; `null` without `storeGrad`. */
  readonly grad: TensorTree | null;
  /** Number of steps tried, int32. */
  readonly steps: Scalar;
};

/** Options of {@link scaleByBacktrackingLinesearch}. */
export interface ScaleByBacktrackingLinesearchOptions {
  /** Largest number of steps to try. Default 20. */
  readonly maxBacktrackingSteps?: number | undefined;
  /** c: the decrease to reach, as a fraction of what the slope promises. Default 1e-4. */
  readonly slopeRtol?: Hyperparameter | undefined;
  /** Factor of the step after a failed try, in (0, 1). Default 0.8. */
  readonly decreaseFactor?: Hyperparameter | undefined;
  /** Factor of the last step for the first try; `Infinity` starts from the largest. Default 1.5. */
  readonly increaseFactor?: Hyperparameter | undefined;
  /** Largest step. Default 1. */
  readonly maxLearningRate?: Hyperparameter | undefined;
  /** By how much the decrease may be missed. Default 0. */
  readonly atol?: Hyperparameter | undefined;
  /** By which fraction of the loss the decrease may be missed. Default 0. */
  readonly rtol?: Hyperparameter | undefined;
  /**
   * Reject also steps that are too short, f(θ + α d) < f(θ) + (1 − c) α ∇fᵀd, and search between
   * both. Default false.
   */
  readonly goldstein?: boolean | undefined;
  /** Evaluate the gradient at the new parameters and keep it in the state. Default true. */
  readonly storeGrad?: boolean | undefined;
}

/** The variables of the search. */
type Search = {
  readonly trial: Scalar;
  /** The last step that satisfied the decrease, 0 at first, and the loss there. */
  readonly step: Scalar;
  readonly value: Scalar;
  /** The last step that did not, 0 at first. */
  readonly tooLong: Scalar;
  readonly done: Tensor;
  readonly steps: Scalar;
};

/**
 * Multiplies a direction by the first step that lowers the loss enough, from a guess downwards:
 * u = α d with f(θ + α d) <= f(θ) + c α ∇f(θ)ᵀd (Armijo's condition).
 *
 * The guess is `increaseFactor` times the last step, at most `maxLearningRate`. The direction comes
 * with its sign, as after {@link scaleByLearningRate}; where it does not go down, or no step does, the
 * update is zero (optax takes the last step tried). The gradient reached is evaluated once, for
 * {@link valueAndGradFromState}. References: Armijo, 1966, https://doi.org/10.2140/pjm.1966.16.1; for
 * batches Vaswani et al., 2019, https://arxiv.org/abs/1905.09997.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { chain, scaleByBacktrackingLinesearch, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const valueFn = (x: tf.Tensor) => tf.sum(tf.square(x));
 * const gradFn = grad(valueFn);
 * const sls = chain(sgd({ learningRate: 1 }), scaleByBacktrackingLinesearch({ decreaseFactor: 0.5 }));
 * const x = tf.tensor1d([3, 4]);
 * const { updates } = sls.update(gradFn(x), sls.init(x), x, { valueFn, gradFn });
 * if (updates.dataSync().join() !== "-3,-4") throw new Error(`${updates}`);
 * ```
 */
export function scaleByBacktrackingLinesearch(
  options: ScaleByBacktrackingLinesearchOptions = {},
): GradientTransformation<ScaleByBacktrackingLinesearchState, LinesearchExtra> {
  const settings = checked(options);
  const { maxLearningRate, increaseFactor, storeGrad } = settings;
  const grown = (step: Scalar): Scalar => {
    const limit = tensorOf(maxLearningRate) as Scalar;
    return increaseFactor === Infinity ? limit : minimum(times(step, increaseFactor), limit);
  };
  return {
    init: (params) => ({
      learningRate: constant(1),
      value: constant(0),
      grad: storeGrad ? mapTensors(zerosLike, params) : null,
      steps: zeroCount(),
    }),
    update: (direction, state, params, extra) =>
      treeTidy(() => {
        const at = requireParams("scaleByBacktrackingLinesearch", params);
        const functions = requireFunctions("scaleByBacktrackingLinesearch", extra);
        const { valueFn, gradFn, value, grad } = functions;
        const loss = (step: Scalar): Scalar => orHuge(valueFn(along(at, step, direction)));
        const start = (value ?? valueFn(at)) as Scalar;
        const slope = treeDot(direction, grad ?? gradFn(at));
        const end = backtrack(loss, start, slope, grown(state.learningRate), grown, settings);
        const updates = scaledBy(end.step, direction);
        const reached = (): TensorTree => gradFn(mapTensors(add, at, updates));
        return {
          updates,
          state: {
            learningRate: where(greater(end.steps, 0), end.trial, state.learningRate),
            value: end.value,
            grad: storeGrad ? mapTensors(clone, reached()) : null,
            steps: end.steps,
          },
        };
      }),
  };
}

function backtrack(
  loss: (step: Scalar) => Scalar,
  start: Scalar,
  slope: Scalar,
  first: Scalar,
  grown: (step: Scalar) => Scalar,
  { maxBacktrackingSteps, slopeRtol, decreaseFactor, atol, rtol, goldstein }: Settings,
): Search {
  const highest = plus(add(start, times(abs(start), rtol)), atol);
  const gentle = times(slope, slopeRtol);
  const steep = times(slope, oneMinus(slopeRtol));

  const body = ({ trial, step, value, tooLong, steps }: Search): Search => {
    const reached = loss(trial);
    const low = lessEqual(reached, add(highest, mul(trial, gentle)));
    const next = {
      step: where(low, trial, step) as Scalar,
      value: where(low, reached, value) as Scalar,
      tooLong: where(low, tooLong, trial) as Scalar,
    };
    const shorter = times(trial, decreaseFactor);
    if (!goldstein) {
      const after = where(low, trial, shorter) as Scalar;
      return { ...next, trial: after, done: low, steps: nextCount(steps) };
    }
    const longer = grown(trial);
    const bounded = greater(next.tooLong, 0);
    const middle = times(add(next.step, next.tooLong), 0.5);
    const inwards = where(greater(next.step, 0), middle, shorter);
    const done = logicalAnd(
      low,
      logicalOr(
        lessEqual(add(start, mul(trial, steep)), reached),
        logicalAnd(logicalNot(bounded), lessEqual(longer, trial)),
      ),
    );
    const after = where(done, trial, where(bounded, inwards, longer)) as Scalar;
    return { ...next, trial: after, done, steps: nextCount(steps) };
  };

  return whileLoop(
    ({ done, steps }: Search) => logicalAnd(logicalNot(done), less(steps, maxBacktrackingSteps)),
    body,
    {
      trial: first,
      step: constant(0),
      value: start,
      tooLong: constant(0),
      done: logicalNot(less(slope, 0)),
      steps: zeroCount(),
    },
  );
}

type Settings = {
  readonly [K in keyof ScaleByBacktrackingLinesearchOptions]-?: NonNullable<
    ScaleByBacktrackingLinesearchOptions[K]
  >;
};

function checked({
  maxBacktrackingSteps = 20,
  slopeRtol = 1e-4,
  decreaseFactor = 0.8,
  increaseFactor = 1.5,
  maxLearningRate = 1,
  atol = 0,
  rtol = 0,
  goldstein = false,
  storeGrad = true,
}: ScaleByBacktrackingLinesearchOptions): Settings {
  const name = (option: string): string => `scaleByBacktrackingLinesearch: ${option}`;
  checkSteps(name("maxBacktrackingSteps"), maxBacktrackingSteps);
  // Above one half no step satisfies both of Goldstein's conditions.
  checkRange(name("slopeRtol"), slopeRtol, 0, goldstein ? 0.5 : 1);
  checkRange(name("decreaseFactor"), decreaseFactor, Number.MIN_VALUE, 1);
  if (increaseFactor !== Infinity) checkRange(name("increaseFactor"), increaseFactor, 1);
  checkRange(name("maxLearningRate"), maxLearningRate, Number.MIN_VALUE);
  checkRange(name("atol"), atol, 0);
  checkRange(name("rtol"), rtol, 0);
  return {
    maxBacktrackingSteps,
    slopeRtol,
    decreaseFactor,
    increaseFactor,
    maxLearningRate,
    atol,
    rtol,
    goldstein,
    storeGrad,
  };
}
