import { treeTidy } from "@layerwise/autodiff";
import { clone } from "@tensorflow/tfjs-core";
import type { Layer, Shape } from "../core/layer.ts";
import type { ActivationFunction } from "./types.ts";

/** Options of {@link fromFunction}. */
export interface FromFunctionOptions {
  /** The kind of the layer. Default "activation". */
  readonly name?: string | undefined;
  /** The shape that comes out, without the batch axis. Default: that of the input. */
  readonly outputShape?: ((inputShape: Shape) => Shape) | undefined;
}

/**
 * A layer without parameters that applies a function.
 *
 * What {@link activation} makes of a function, without the table of all names in the bundle.
 *
 * @example
 * ```ts
 * import { fromFunction, softplus } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = fromFunction(softplus, { name: "softplus" });
 * const { y } = layer.apply({ params: null, state: null }, tf.tensor2d([[1000]]));
 * if (y.dataSync()[0] !== 1000) throw new Error(String(y));
 * ```
 */
export function fromFunction(
  fn: ActivationFunction,
  { name = "activation", outputShape = (shape) => shape }: FromFunctionOptions = {},
): Layer<null, null> {
  return Object.freeze({
    kind: name,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        const y = fn(x);
        return { y: y === x ? clone(x) : y, state };
      }),
    outputShape,
  } satisfies Layer<null, null>);
}
