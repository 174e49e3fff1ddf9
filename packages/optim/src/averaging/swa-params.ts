import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clone,
  div,
  equal,
  greater,
  logicalAnd,
  scalar,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { isDue } from "../core/is-due.ts";
import { mapTensors } from "../core/map.ts";
import type { WeightAverage } from "./weight-average.ts";

/** The state of {@link swaParams}. */
export type SwaParamsState = {
  /** The number of steps seen. */
  readonly count: Scalar;
  /** The number of them in the mean. */
  readonly averaged: Scalar;
  readonly average: TensorTree;
};

/** Options of {@link swaParams}. */
export interface SwaParamsOptions {
  /** Steps before the mean begins; until then it follows the parameters. Default 0. */
  readonly start?: number | undefined;
  /** Averages every k-th step from there, the first one included. Default 1. */
  readonly every?: number | undefined;
}

/**
 * Stochastic weight averaging, the plain mean of parameters: a ← a + (θ − a) / (n + 1).
 *
 * As PyTorch's `AveragedModel`: the first step in the mean replaces what was there. With the defaults
 * it is Polyak-Ruppert averaging. Statistics of batch normalization must be measured again for the
 * averaged parameters: {@link updateStatistics}. Reference: Izmailov et al., 2018,
 * https://arxiv.org/abs/1803.05407.
 *
 * @example
 * ```ts
 * import { swaParams } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const swa = swaParams({ start: 1 });
 * let state = swa.init(tf.scalar(0));
 * for (const w of [9, 1, 2]) state = swa.update(tf.scalar(w), state);
 * const [mean] = swa.params<tf.Tensor>(state).dataSync();
 * if (mean !== 1.5) throw new Error(String(mean));
 * ```
 */
export function swaParams({
  start = 0,
  every = 1,
}: SwaParamsOptions = {}): WeightAverage<SwaParamsState> {
  if (start !== 0) checkSteps("swaParams: start", start);
  checkSteps("swaParams: every", every);
  return {
    init: (params) => ({
      count: zeroCount(),
      averaged: zeroCount(),
      average: mapTensors(clone, params),
    }),
    update: (params, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const since = sub(state.count, scalar(start, "int32"));
        const due = logicalAnd(greater(count, scalar(start, "int32")), isDue(since, every));
        const averaged = where(due, nextCount(state.averaged), state.averaged);
        const n = cast(nextCount(state.averaged), "float32");
        const begins = equal(state.averaged, 0);
        const average = mapTensors(
          (a, p) => where(begins, p, where(due, add(a, div(sub(p, a), n)), a)),
          state.average,
          params,
        );
        return { count, averaged, average };
      }),
    params: <Params extends TensorTree>(state: SwaParamsState): Params =>
      mapTensors(clone, state.average) as Params,
  };
}
