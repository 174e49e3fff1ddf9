import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  cast,
  clone,
  div,
  equal,
  minimum,
  onesLike,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus, tensorOf } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { isDue } from "../core/is-due.ts";
import { mapTensors } from "../core/map.ts";
import { selectTree } from "../core/select.ts";
import type { WeightAverage } from "./weight-average.ts";

/** The state of {@link emaParams}. */
export type EmaParamsState = {
  /** The number of steps seen. */
  readonly count: Scalar;
  /** The number of them that were averaged. */
  readonly averaged: Scalar;
  readonly average: TensorTree;
};

/** Options of {@link emaParams}. */
export interface EmaParamsOptions {
  /** The weight of the old average, in [0, 1). Default 0.999. */
  readonly decay?: Hyperparameter | undefined;
  /**
   * What the average starts from: the parameters before training ("initial", as timm and TensorFlow),
   * those after the first averaged step ("first", as Keras and PyTorch), or zero with bias correction
   * ("zero", as optax). Default "initial".
   */
  readonly start?: "initial" | "first" | "zero" | undefined;
  /** Lowers the decay to min(decay, (1 + t) / (10 + t)) at average t = 0, 1, … Default false. */
  readonly warmup?: boolean | undefined;
  /** Averages every k-th step only. Default 1. */
  readonly every?: number | undefined;
}

/**
 * Exponential moving average of parameters: a ← d a + (1 − d) θ, divided by 1 − dᵗ if it started from
 * zero.
 *
 * `start: "first", decay: 0.99` is Keras's `use_ema`; see {@link withAverage} for its overwriting.
 * Reference: Polyak and Juditsky, 1992, https://doi.org/10.1137/0330046, for averaging as such.
 *
 * @example
 * ```ts
 * import { emaParams } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const ema = emaParams({ decay: 0.5 });
 * const state = ema.update({ w: tf.scalar(4) }, ema.init({ w: tf.scalar(2) }));
 * const { w } = ema.params<{ w: tf.Tensor }>(state);
 * if (w.dataSync()[0] !== 3) throw new Error(`${w}`);
 * ```
 */
export function emaParams({
  decay = 0.999,
  start = "initial",
  warmup = false,
  every = 1,
}: EmaParamsOptions = {}): WeightAverage<EmaParamsState> {
  checkRange("emaParams: decay", decay, 0, 1);
  checkSteps("emaParams: every", every);
  if (start === "zero" && warmup) {
    throw new Error('emaParams: expected warmup or start: "zero", got both: each removes the bias');
  }
  const decayAt = (t: Tensor): Hyperparameter => {
    if (!warmup) return decay;
    const steps = cast(t, "float32");
    return minimum(div(plus(steps, 1), plus(steps, 10)), tensorOf(decay));
  };
  return {
    init: (params) => ({
      count: zeroCount(),
      averaged: zeroCount(),
      average: mapTensors(start === "zero" ? zerosLike : clone, params),
    }),
    update: (params, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const due = isDue(count, every);
        const d = decayAt(state.averaged);
        const isFirst = equal(state.averaged, 0);
        const moved = mapTensors(
          (a, p) => {
            const next = movingAverage(d, a, p);
            return start === "first" ? where(isFirst, p, next) : next;
          },
          state.average,
          params,
        );
        return {
          count,
          averaged: where(due, nextCount(state.averaged), state.averaged),
          average: selectTree(due, moved, state.average),
        };
      }),
    params: <Params extends TensorTree>(state: EmaParamsState): Params =>
      treeTidy(() => {
        if (start !== "zero") return mapTensors(clone, state.average);
        const weight = biasCorrection(decay, state.averaged);
        // Before the first average there is nothing to correct.
        const by = where(equal(state.averaged, 0), onesLike(weight), weight);
        return mapTensors((a) => div(a, by), state.average);
      }) as Params,
  };
}
