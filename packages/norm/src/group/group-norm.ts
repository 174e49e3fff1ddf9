import { treeTidy } from "@layerwise/autodiff";
import type { Layer, Shape } from "@layerwise/layers";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { reshape } from "@tensorflow/tfjs-core";
import { type AffineOptions, type AffineParams, applyAffine, initAffine } from "../core/affine.ts";
import { alongAxis, axesBut, channelsOf, type LayoutOptions } from "../core/axes.ts";
import { checkBatch, checkCount, checkEps } from "../core/check.ts";
import { standardize } from "../core/standardize.ts";

/** Options of {@link groupNorm}. */
export interface GroupNormOptions extends AffineOptions, LayoutOptions {
  /** The number of groups; it must divide the number of channels. */
  readonly groups: number;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number | undefined;
}

/**
 * Group normalisation: each example is standardised over space and the channels of a group, then
 * scaled and shifted per channel.
 *
 * Groups are runs of neighbouring channels. One group is layer normalisation over all axes but the
 * batch (with γ and β per channel), a group per channel is {@link instanceNorm}. Training and
 * evaluation are the same.
 *
 * Input [batch, ..., channels]. `groups` has no default (Keras and Flax: 32). ε is 1e-5 as in PyTorch
 * and Equinox; Keras has 1e-3, Flax 1e-6.
 *
 * Reference: Wu and He, 2018, https://arxiv.org/abs/1803.08494.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { groupNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = groupNorm({ groups: 2 });
 * const { y } = layer.apply(layer.init(random.key(0), [4]), tf.tensor2d([[1, 3, 100, 102]]));
 * if (y.dataSync().some((v) => Math.abs(Math.abs(v) - 1) > 1e-4)) throw new Error(`${y}`);
 * ```
 */
export function groupNorm(options: GroupNormOptions): Layer<AffineParams, null> {
  const { groups, eps = 1e-5, channelsFirst = false } = options;
  checkCount("groupNorm", "groups", groups);
  checkEps("groupNorm", eps);
  const channels = (inputShape: Shape): number =>
    divisible("groupNorm", channelsOf("groupNorm", inputShape, channelsFirst), groups);
  return Object.freeze({
    kind: "groupNorm",
    init: (key, inputShape) =>
      treeTidy(() => ({ params: initAffine(key, [channels(inputShape)], options), state: null })),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const axis = checkBatch("groupNorm", x, channelsFirst, [params.gamma, params.beta]);
        const normalised = standardizeGroups("groupNorm", x, axis, groups, eps);
        return { y: applyAffine(normalised, params, (v) => alongAxis(v, x.rank, axis)), state };
      }),
    outputShape: (inputShape) => {
      channels(inputShape);
      return inputShape;
    },
  } satisfies Layer<AffineParams, null>);
}

/** Each example standardised over space and runs of channels. */
export function standardizeGroups(
  kind: string,
  x: Tensor,
  axis: number,
  groups: number,
  eps: number,
): Tensor {
  const { grouped, axes } = splitGroups(kind, x, axis, groups);
  return reshape(standardize(grouped, axes, eps), x.shape);
}

/** The input with its channels as two axes, group and member, and all axes but batch and group. */
export function splitGroups(
  kind: string,
  x: Tensor,
  axis: number,
  groups: number,
): { readonly grouped: Tensor; readonly axes: number[] } {
  const members = divisible(kind, x.shape[axis] ?? 0, groups) / groups;
  const shape = [...x.shape.slice(0, axis), groups, members, ...x.shape.slice(axis + 1)];
  return { grouped: reshape(x, shape), axes: axesBut(x.rank + 1, 0, axis) };
}

function divisible(kind: string, channels: number, groups: number): number {
  if (channels % groups === 0) return channels;
  const wanted = `expected a number of channels that is a multiple of ${groups} groups`;
  throw new LayerError(kind, `${wanted}, got ${channels}`);
}
