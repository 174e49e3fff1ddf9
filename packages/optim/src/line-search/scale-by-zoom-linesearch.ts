import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import {
  clone,
  div,
  greater,
  less,
  logicalAnd,
  maximum,
  minimum,
  mul,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { tensorOf } from "../core/arithmetic.ts";
import { checkChoice, checkRange, checkSteps } from "../core/check.ts";
import { zeroCount } from "../core/count.ts";
import type { LinesearchExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { lineFrom, requireFunctions, scaledBy } from "./line.ts";
import { type ZoomOptions, type ZoomSettings, zoom } from "./zoom.ts";

/** The state of {@link scaleByZoomLinesearch}. */
export type ScaleByZoomLinesearchState = {
  /** The accepted multiple of the direction, 0 where none was found. */
  readonly learningRate: Scalar;
  /** The loss there. */
  readonly value: Scalar;
  /** Its gradient there. */
  readonly grad: TensorTree;
  /** The slope at the start of the line. */
  readonly slope: Scalar;
  /** Number of points evaluated, int32. */
  readonly steps: Scalar;
};

/** Options of {@link scaleByZoomLinesearch}. */
export interface ScaleByZoomLinesearchOptions extends ZoomOptions {
  /**
   * The first step to try: 1 (`"one"`, default), the last accepted (`"keep"`), or the one that
   * promises the decrease that the last one did (`"slope"`: at most ten times the last; at first 1, or 1/‖d‖ where that is less).
   */
  readonly initialGuess?: "one" | "keep" | "slope" | undefined;
}

/**
 * Multiplies a direction by a step that satisfies the strong Wolfe conditions: u = α d with
 * f(θ + α d) <= f(θ) + c₁ α ∇f(θ)ᵀd and |∇f(θ + α d)ᵀd| <= c₂ |∇f(θ)ᵀd|.
 *
 * Steps double until an interval holds a good one, which cubic interpolation narrows down. Where the
 * decrease drowns in rounding, slopes alone decide. Without a good step the lowest point met is
 * taken; along a direction that does not go down the update is zero. The direction comes with its
 * sign, as after {@link scaleByLearningRate}. The loss and gradient reached are in the state, for
 * {@link valueAndGradFromState}.
 *
 * Interpolation and safeguards are SciPy's `line_search`, whose safeguard however acts on one side
 * only while the interval is turned. References: Nocedal and Wright, 2006, algorithms 3.5 and 3.6,
 * https://doi.org/10.1007/978-0-387-40065-5; Hager and Zhang, 2005,
 * https://doi.org/10.1137/030601880, for the approximate conditions.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { chain, scale, scaleByZoomLinesearch } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const valueFn = (x: tf.Tensor) => tf.sum(tf.square(x));
 * const gradFn = grad(valueFn);
 * const steepestDescent = chain(scale(-1), scaleByZoomLinesearch());
 * const x = tf.tensor1d([3, 4]);
 * const state = steepestDescent.init(x);
 * const { updates } = steepestDescent.update(gradFn(x), state, x, { valueFn, gradFn });
 * if (updates.dataSync().join() !== "-3,-4") throw new Error(`${updates}`);
 * ```
 */
export function scaleByZoomLinesearch({
  initialGuess = "one",
  ...options
}: ScaleByZoomLinesearchOptions = {}): GradientTransformation<
  ScaleByZoomLinesearchState,
  LinesearchExtra
> {
  const settings = checked(options);
  checkChoice("scaleByZoomLinesearch: initialGuess", initialGuess, Object.keys(guesses));
  return {
    init: (params) => ({
      learningRate: constant(1),
      value: constant(0),
      grad: mapTensors(zerosLike, params),
      slope: constant(0),
      steps: zeroCount(),
    }),
    update: (direction, state, params, extra) =>
      treeTidy(() => {
        const at = requireParams("scaleByZoomLinesearch", params);
        const functions = requireFunctions("scaleByZoomLinesearch", extra);
        const { line, start } = lineFrom(at, direction, functions);
        const guess = guesses[initialGuess](state, start.slope, direction);
        const { maxLearningRate: limit } = settings;
        const first = limit === undefined ? guess : minimum<Scalar>(guess, tensorOf(limit));
        const { point, steps } = zoom(line, start, first, settings);
        return {
          updates: scaledBy(point.step, direction),
          state: {
            learningRate: clone(point.step),
            value: clone(point.value),
            grad: mapTensors(clone, point.grad),
            slope: clone(start.slope),
            steps,
          },
        };
      }),
  };
}

type Guess = (state: ScaleByZoomLinesearchState, slope: Scalar, direction: TensorTree) => Scalar;

const guesses: Readonly<Record<"one" | "keep" | "slope", Guess>> = {
  one: () => constant(1),
  keep: ({ learningRate }) => where(greater(learningRate, 0), learningRate, constant(1)) as Scalar,
  slope: ({ learningRate, slope: before }, slope, direction) => {
    const known = logicalAnd(greater(learningRate, 0), logicalAnd(less(before, 0), less(slope, 0)));
    const ratio = minimum(div(before, where(known, slope, constant(1))), 10);
    const unit = div(constant(1), maximum(constant(1), globalNorm(direction)));
    return where(known, mul(learningRate, ratio), unit) as Scalar;
  },
};

function checked({
  maxLinesearchSteps = 20,
  maxLearningRate,
  increaseFactor = 2,
  slopeRtol = 1e-4,
  curvRtol = 0.9,
  approxDecRtol = 1e-6,
  intervalThreshold = 1e-5,
}: ZoomOptions): ZoomSettings {
  const name = (option: string): string => `scaleByZoomLinesearch: ${option}`;
  checkSteps(name("maxLinesearchSteps"), maxLinesearchSteps);
  if (maxLearningRate !== undefined) {
    checkRange(name("maxLearningRate"), maxLearningRate, Number.MIN_VALUE);
  }
  checkRange(name("increaseFactor"), increaseFactor, 1);
  checkRange(name("slopeRtol"), slopeRtol, 0, 1);
  checkRange(name("curvRtol"), curvRtol, 0, 1);
  checkRange(name("approxDecRtol"), approxDecRtol, 0);
  checkRange(name("intervalThreshold"), intervalThreshold, 0);
  return {
    maxLinesearchSteps,
    maxLearningRate,
    increaseFactor,
    slopeRtol,
    curvRtol,
    approxDecRtol,
    intervalThreshold,
  };
}
