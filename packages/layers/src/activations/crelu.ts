import type { Tensor } from "@tensorflow/tfjs-core";
import { concat, neg, relu, tidy } from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";

/**
 * The concatenated rectifier: max(x, 0) and max(−x, 0) side by side, the last axis doubled.
 *
 * [..., n] → [..., 2 n]. Reference: Shang et al., 2016, https://arxiv.org/abs/1603.05201.
 *
 * @example
 * ```ts
 * import { crelu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = crelu(tf.tensor2d([[-1, 2]]));
 * if (y.dataSync().join() !== "0,2,1,0") throw new Error(String(y));
 * ```
 */
export function crelu(x: Tensor): Tensor {
  creluShape(x.shape);
  return tidy(() => concat([relu(x), relu(neg(x))], -1));
}

/** The shape after {@link crelu}. */
export function creluShape(shape: Shape): Shape {
  const last = shape.at(-1);
  if (last === undefined) throw new LayerError("crelu", "expected a last axis, got input []");
  return [...shape.slice(0, -1), 2 * last];
}
