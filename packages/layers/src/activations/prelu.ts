import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { prelu as preluKernel, tidy } from "@tensorflow/tfjs-core";
import type { Layer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Initializer } from "../initializers/index.ts";
import { constant } from "../initializers/index.ts";

/** Options of {@link prelu}. */
export interface PreluOptions {
  /** What has a slope of its own. Default "layer". */
  readonly per?: "layer" | "channel" | "element" | undefined;
  /** Default `constant(0.25)`. */
  readonly slopeInit?: Initializer | undefined;
}

/** The parameters of {@link prelu}: `slope` [], [channels] or the input shape. */
export type PreluParams = { readonly slope: Tensor };

/**
 * The parametric rectifier: x for x > 0, otherwise slope · x, with a trained slope.
 *
 * One slope for the layer and ¼ at the start, as PyTorch and the paper have it; `per: "channel"` has
 * one for each element of the last axis. Keras has `{ per: "element", slopeInit: zeros }`. Do not
 * decay the slope. Reference: He et al., 2015, https://arxiv.org/abs/1502.01852.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { prelu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = prelu({ per: "channel" });
 * const variables = layer.init(random.key(0), [2]);
 * const { y } = layer.apply(variables, tf.tensor2d([[-4, 2]]));
 * if (y.dataSync().join() !== "-1,2") throw new Error(String(y));
 * ```
 */
export function prelu({
  per = "layer",
  slopeInit = constant(0.25),
}: PreluOptions = {}): Layer<PreluParams, null> {
  if (!Object.hasOwn(slopeShapes, per)) {
    const known = Object.keys(slopeShapes).join(", ");
    throw new LayerError("prelu", `expected per one of ${known}, got ${per}`);
  }
  return Object.freeze({
    kind: "prelu",
    init: (key, inputShape) => ({
      params: { slope: slopeInit(key, slopeShapes[per](inputShape)) },
      state: null,
    }),
    apply: ({ params: { slope }, state }, x) =>
      treeTidy(() => {
        const wanted = slopeShapes[per](x.shape.slice(1));
        if (showShape(slope.shape) !== showShape(wanted)) {
          const got = `${showShape(slope.shape)} (input ${showShape(x.shape)})`;
          throw new LayerError("prelu", `expected slope ${showShape(wanted)}, got ${got}`);
        }
        return { y: tidy(() => preluKernel(x, slope)), state };
      }),
    outputShape: (inputShape) => {
      slopeShapes[per](inputShape);
      return inputShape;
    },
  } satisfies Layer<PreluParams, null>);
}

const slopeShapes = {
  layer: (_: Shape): Shape => [],
  channel: (shape: Shape): Shape => {
    const channels = shape.at(-1);
    if (channels !== undefined) return [channels];
    throw new LayerError("prelu", "expected input shape [..., channels], got []");
  },
  element: (shape: Shape): Shape => shape,
};
