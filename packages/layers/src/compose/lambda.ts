import { trace, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
import type { ApplyOptions, Layer, Shape } from "../core/layer.ts";

/** Options of {@link lambda}. */
export interface LambdaOptions {
  /** The kind of the layer, for messages and tables. Default "lambda". */
  readonly name?: string | undefined;
  /** The shape that comes out, without the batch axis. Default: what a trace of a batch of 1 gives. */
  readonly outputShape?: ((inputShape: Shape) => Shape) | undefined;
}

/**
 * A layer without parameters from a function of a batch, and of `key` and `training` if it wants them.
 *
 * The output shape is found by tracing the function outside of training. For element-wise functions
 * `activation` is enough.
 *
 * @example
 * ```ts
 * import { dense, lambda, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const meanOverTime = lambda((x) => tf.mean(x, 1));
 * const net = sequential([meanOverTime, dense({ units: 2 })]);
 * if (net.outputShape([10, 8]).join() !== "2") throw new Error("shape");
 * ```
 */
export function lambda(
  fn: (x: Tensor, options: ApplyOptions) => Tensor,
  { name = "lambda", outputShape }: LambdaOptions = {},
): Layer<null, null> {
  const traced = (inputShape: Shape): Shape => {
    const x = { shape: [1, ...inputShape], dtype: "float32" };
    const { graph } = trace((batch: Tensor) => fn(batch, {}), [x]);
    return (graph.outputs[0]?.type.shape ?? []).slice(1);
  };
  return Object.freeze({
    kind: name,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x, options = {}) =>
      treeTidy(() => {
        const y = fn(x, options);
        // A function may hand back its argument, which belongs to the caller.
        return { y: y === x ? clone(x) : y, state };
      }),
    outputShape: outputShape ?? traced,
  } satisfies Layer<null, null>);
}
