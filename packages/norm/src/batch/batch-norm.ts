import { treeMap, treeTidy } from "@layerwise/autodiff";
import type { ApplyOptions, ApplyResult, Layer, Variables } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, sub } from "@tensorflow/tfjs-core";
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
import { divideByRoot } from "../core/standardize.ts";

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends AffineOptions, LayoutOptions, RunningOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number | undefined;
}

/** What one application of {@link batchNorm} may be told. */
export interface BatchNormApplyOptions extends ApplyOptions {
  /**
   * Which positions the statistics of a training batch come from: the shape of the input without its
   * channel axis, or 1 in place of any axis.
   */
  readonly mask?: Tensor | undefined;
}

/** A {@link batchNorm} layer. */
export interface BatchNorm extends Layer<AffineParams, RunningState> {
  readonly eps: number;
  readonly channelsFirst: boolean;
  apply(
    variables: Variables<AffineParams, RunningState>,
    x: Tensor,
    options?: BatchNormApplyOptions,
  ): ApplyResult<RunningState>;
}

/**
 * Batch normalisation: each channel is standardised over the batch (and space), then scaled and
 * shifted.
 *
 * Algorithm 1 of the paper, for the m values x₁ … xₘ of a channel, in training:
 *
 * 1. μ = 1/m Σ xᵢ, the batch mean,
 * 2. σ² = 1/m Σ (xᵢ − μ)², the (biased) batch variance,
 * 3. x̂ᵢ = (xᵢ − μ) / √(σ² + ε), normalise,
 * 4. yᵢ = γ x̂ᵢ + β, scale and shift.
 *
 * Otherwise, Algorithm 2: μ and σ² are running statistics, so that y depends on x alone.
 *
 * Input [batch, ..., channels] of any rank from 2: dense features, sequences, images, volumes.
 * Libraries differ, and the defaults here are PyTorch's: ε 1e-5 (Keras, TensorFlow 1e-3);
 * `momentum` is named by what it weighs, `{ weightOfBatch: 0.1 }` (Keras, Flax and Equinox:
 * `{ weightOfRunning: 0.99 }`); the running variance is "unbiased" (others: "biased"). Training on
 * one value per channel is an error, as its output would be β whatever x is.
 *
 * Reference: Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { batchNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = batchNorm({ momentum: { weightOfRunning: 0.99 }, runningVariance: "biased" });
 * const { params, state } = layer.init(random.key(0), [1]);
 * const trained = layer.apply({ params, state }, tf.tensor2d([[1], [3]]), { training: true });
 * if (Math.abs((trained.y.dataSync()[1] ?? 0) - 1) > 1e-5) throw new Error(`${trained.y}`);
 * if (Math.abs((trained.state.mean.dataSync()[0] ?? 0) - 0.02) > 1e-6) throw new Error("running mean");
 * ```
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNorm {
  return batchNormOf("batchNorm", options);
}

/** The same under another name, for layers made of it. */
export function batchNormOf(kind: string, options: BatchNormOptions): BatchNorm {
  const { eps = 1e-5, channelsFirst = false, momentum = { weightOfBatch: 0.1 } } = options;
  const { runningVariance = "unbiased" } = options;
  checkEps(kind, eps);
  const weightAt = batchWeight(kind, momentum);
  return Object.freeze({
    kind,
    eps,
    channelsFirst,
    init: (key, inputShape) =>
      treeTidy(() => {
        const channels = channelsOf(kind, inputShape, channelsFirst);
        return { params: initAffine(key, [channels], options), state: initRunning(channels) };
      }),
    apply: ({ params, state }, x, { training = false, mask } = {}) =>
      treeTidy(() => {
        const axis = checkBatch(kind, x, channelsFirst, [params.gamma, state.mean]);
        const place = (vector: Tensor): Tensor => alongAxis(vector, x.rank, axis);
        if (!training) {
          const centered = sub(x, place(state.mean));
          const normalised = divideByRoot(centered, place(state.variance), eps);
          const y = applyAffine(normalised, params, place);
          return { y, state: treeMap((t: Tensor) => clone(t), state) };
        }
        checkEnough(kind, x, axis);
        const { moments, centered } = centeredMoments(x, axis, mask); // steps 1 and 2
        const variance = varianceOf(moments, "biased");
        const normalised = divideByRoot(centered, place(variance), eps); // step 3
        return {
          y: applyAffine(normalised, params, place), // step 4
          state: nextRunning(state, moments, weightAt, runningVariance),
        };
      }),
    outputShape: (inputShape) => {
      channelsOf(kind, inputShape, channelsFirst);
      return inputShape;
    },
  } satisfies BatchNorm);
}
