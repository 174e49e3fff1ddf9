import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { max, mean } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";

/** Options of {@link globalAveragePool} and {@link globalMaxPool}. */
export interface GlobalPoolOptions {
  /** Whether to keep the spatial axes, with size 1. Default false. */
  readonly keepAxes?: boolean | undefined;
  /** Channels on the axis after the batch, as PyTorch has them, not on the last. Default false. */
  readonly channelsFirst?: boolean | undefined;
}

/**
 * The mean over all spatial axes: [batch, ..., channels] → [batch, channels].
 *
 * For sequences, images and whatever has more axes.
 *
 * Reference: Lin et al., 2014, https://arxiv.org/abs/1312.4400.
 *
 * @example
 * ```ts
 * import { globalAveragePool } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor3d([1, 10, 3, 20], [1, 2, 2]);
 * const { y } = globalAveragePool().apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "2,15") throw new Error(String(y));
 * ```
 */
export function globalAveragePool(options: GlobalPoolOptions = {}): Layer<null, null> {
  return globalPool("globalAveragePool", options, mean);
}

/**
 * The maximum over all spatial axes: [batch, ..., channels] → [batch, channels].
 *
 * Elements that share the maximum share the gradient in equal parts.
 *
 * @example
 * ```ts
 * import { globalMaxPool } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const x = tf.tensor3d([1, 10, 3, -20], [1, 2, 2]);
 * const { y } = globalMaxPool().apply({ params: null, state: null }, x);
 * if (y.dataSync().join() !== "3,10") throw new Error(String(y));
 * ```
 */
export function globalMaxPool(options: GlobalPoolOptions = {}): Layer<null, null> {
  return globalPool("globalMaxPool", options, max);
}

function globalPool(
  kind: string,
  { keepAxes = false, channelsFirst = false }: GlobalPoolOptions,
  reduce: (x: Tensor, axes: number[], keepDims: boolean) => Tensor,
): Layer<null, null> {
  const axesOf = (rank: number): number[] =>
    Array.from({ length: rank - 2 }, (_, i) => i + (channelsFirst ? 2 : 1));
  const wanted = channelsFirst ? "[channels, ...]" : "[..., channels]";
  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        if (x.rank < 3) {
          const shape = `[batch, ${wanted.slice(1)}`;
          throw new LayerError(kind, `expected input ${shape}, got ${showShape(x.shape)}`);
        }
        return { y: reduce(x, axesOf(x.rank), keepAxes), state };
      }),
    outputShape: (inputShape) => {
      if (inputShape.length < 2) {
        throw new LayerError(kind, `expected input shape ${wanted}, got ${showShape(inputShape)}`);
      }
      const channels = (channelsFirst ? inputShape[0] : inputShape.at(-1)) ?? 0;
      if (!keepAxes) return [channels];
      return inputShape.map((_, i) =>
        i === (channelsFirst ? 0 : inputShape.length - 1) ? channels : 1,
      );
    },
  } satisfies Layer<null, null>);
}
