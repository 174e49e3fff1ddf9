import { treeTidy } from "@layerwise/autodiff";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { concat, split } from "@tensorflow/tfjs-core";
import { checkBatch, checkCount } from "../core/check.ts";
import { type BatchNorm, type BatchNormOptions, batchNormOf } from "./batch-norm.ts";

/** Options of {@link ghostBatchNorm}. */
export interface GhostBatchNormOptions extends BatchNormOptions {
  /** The number of examples that are normalised together; it must divide the batch. */
  readonly ghostSize: number;
}

/**
 * Ghost batch normalisation: {@link batchNorm} of the parts of a large batch, each by itself.
 *
 * In training the batch is cut into parts of `ghostSize` examples in order; running statistics follow
 * the parts one after the other. A large batch then generalises like a small one. Evaluation is that
 * of {@link batchNorm}.
 *
 * Reference: Hoffer, Hubara and Soudry, 2017, https://arxiv.org/abs/1705.08741, algorithm 1.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { ghostBatchNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = ghostBatchNorm({ ghostSize: 2 });
 * const x = tf.tensor2d([[1], [3], [101], [103]]);
 * const { y } = layer.apply(layer.init(random.key(0), [1]), x, { training: true });
 * if (Math.abs((y.dataSync()[2] ?? 0) + 1) > 1e-4) throw new Error(`${y}`);
 * ```
 */
export function ghostBatchNorm(options: GhostBatchNormOptions): BatchNorm {
  const { ghostSize, channelsFirst = false } = options;
  const kind = "ghostBatchNorm";
  checkCount(kind, "ghostSize", ghostSize);
  const whole = batchNormOf(kind, options);
  return Object.freeze({
    ...whole,
    apply: ({ params, state }, x, applyOptions = {}) =>
      treeTidy(() => {
        checkBatch(kind, x, channelsFirst, [params.gamma, state.mean]);
        const batch = x.shape[0] ?? 0;
        if (!applyOptions.training) return whole.apply({ params, state }, x, applyOptions);
        if (batch % ghostSize !== 0) {
          const wanted = `expected a batch that is a multiple of ${ghostSize}`;
          throw new LayerError(kind, `${wanted}, got ${batch}`);
        }
        const { mask, ...rest } = applyOptions;
        const count = batch / ghostSize;
        const masks = mask === undefined || mask.shape[0] === 1 ? [] : split(mask, count);
        let next = state;
        const parts = split(x, count).map((part: Tensor, i) => {
          const own = { ...rest, mask: masks[i] ?? mask };
          const result = whole.apply({ params, state: next }, part, own);
          next = result.state;
          return result.y;
        });
        return { y: concat(parts), state: next };
      }),
  } satisfies BatchNorm);
}
