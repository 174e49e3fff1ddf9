import { constant, stopGradient, treeMap, treeTidy } from "@layerwise/autodiff";
import type { ApplyOptions, ApplyResult, Layer, Variables } from "@layerwise/layers";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  maximum,
  minimum,
  mul,
  neg,
  rsqrt,
  sqrt,
  sub,
} from "@tensorflow/tfjs-core";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { alongAxis, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkEnough, checkEps } from "../core/check.ts";
import { centeredMoments, varianceOf } from "../core/moments.ts";
import {
  batchWeight,
  initRunning,
  nextRunning,
  type RunningOptions,
  type RunningState,
} from "../core/running.ts";

/** How far batch statistics may be corrected towards the running ones. */
export interface RenormLimits {
  /** The largest r; the smallest is its inverse. At least 1. Default 3. */
  readonly rMax?: number | Tensor | undefined;
  /** The largest |d|. Default 5. */
  readonly dMax?: number | Tensor | undefined;
}

/** Options of {@link batchRenorm}. */
export interface BatchRenormOptions
  extends AffineOptions,
    LayoutOptions,
    RunningOptions,
    RenormLimits {
  /** Added to variances. Default 1e-5. */
  readonly eps?: number | undefined;
}

/** A {@link batchRenorm} layer; `apply` may be given the limits of the step. */
export interface BatchRenorm extends Layer<AffineParams, RunningState> {
  apply(
    variables: Variables<AffineParams, RunningState>,
    x: Tensor,
    options?: ApplyOptions & RenormLimits,
  ): ApplyResult<RunningState>;
}

/**
 * Batch renormalisation: batch normalisation whose training output is close to that of evaluation.
 *
 * y = γ (r (x − μ_B) / σ_B + d) + β with r = clip(σ_B / σ, 1 / rMax, rMax) and
 * d = clip((μ_B − μ) / σ, −dMax, dMax), where μ and σ are the running statistics before the batch and
 * σ² includes ε. Derivatives treat r and d as constants. rMax 1 and dMax 0 make {@link batchNorm};
 * the paper starts there and relaxes to 3 and 5: give `apply` the limits of the step.
 *
 * The running variance is "biased" by default, as in the paper (which averages σ, not σ²).
 *
 * Reference: Ioffe, 2017, https://arxiv.org/abs/1702.03275.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { batchRenorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = batchRenorm();
 * const variables = layer.init(random.key(0), [1]);
 * const x = tf.tensor2d([[1], [3]]);
 * // Batch and running statistics differ by less than the limits: as in evaluation.
 * const { y } = layer.apply(variables, x, { training: true });
 * if (Math.abs((y.dataSync()[1] ?? 0) - 3) > 1e-4) throw new Error(`${y}`);
 * ```
 */
export function batchRenorm(options: BatchRenormOptions = {}): BatchRenorm {
  const { eps = 1e-5, channelsFirst = false, momentum = { weightOfBatch: 0.1 } } = options;
  const { runningVariance = "biased", rMax = 3, dMax = 5 } = options;
  checkEps("batchRenorm", eps);
  checkLimits({ rMax, dMax });
  const weightAt = batchWeight("batchRenorm", momentum);
  return Object.freeze({
    kind: "batchRenorm",
    init: (key, inputShape) =>
      treeTidy(() => {
        const channels = channelsOf("batchRenorm", inputShape, channelsFirst);
        return { params: initAffine(key, [channels], options), state: initRunning(channels) };
      }),
    apply: ({ params, state }, x, { training = false, ...limits } = {}) =>
      treeTidy(() => {
        const axis = checkBatch("batchRenorm", x, channelsFirst, [params.gamma, state.mean]);
        const place = (vector: Tensor): Tensor => alongAxis(vector, x.rank, axis);
        const deviation = sqrt(add(state.variance, constant(eps)));
        if (!training) {
          const normalised = div(sub(x, place(state.mean)), place(deviation));
          const y = applyAffine(normalised, params, place);
          return { y, state: treeMap((t: Tensor) => clone(t), state) };
        }
        checkEnough("batchRenorm", x, axis);
        checkLimits(limits);
        const { moments, centered } = centeredMoments(x, axis, undefined);
        const variance = add(varianceOf(moments, "biased"), constant(eps));
        const most = limit(limits.rMax ?? rMax);
        const ratio = div(sqrt(variance), deviation);
        const r = stopGradient(minimum(maximum(ratio, div(1, most)), most));
        const far = limit(limits.dMax ?? dMax);
        const offset = div(sub(moments.mean, state.mean), deviation);
        const d = stopGradient(minimum(maximum(offset, neg(far)), far));
        const normalised = mul(centered, place(mul(rsqrt(variance), r)));
        return {
          y: applyAffine(add(normalised, place(d)), params, place),
          state: nextRunning(state, moments, weightAt, runningVariance),
        };
      }),
    outputShape: (inputShape) => {
      channelsOf("batchRenorm", inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies BatchRenorm);
}

function limit(value: number | Tensor): Tensor {
  return typeof value === "number" ? constant(value) : value;
}

function checkLimits({ rMax = 1, dMax = 0 }: RenormLimits): void {
  const bad = (value: number | Tensor, least: number): boolean =>
    typeof value === "number" && !(value >= least && value < Infinity);
  if (!bad(rMax, 1) && !bad(dMax, 0)) return;
  const got = `rMax ${rMax}, dMax ${dMax}`;
  throw new LayerError("batchRenorm", `expected finite rMax >= 1 and dMax >= 0, got ${got}`);
}
