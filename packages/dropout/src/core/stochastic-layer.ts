import { type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer, Shape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
import { requireKey } from "./check.ts";

/**
 * A layer that draws random numbers in training, and does nothing else there that it would not do
 * otherwise: what `withDropout` leaves switched on.
 *
 * A layer of your own joins in when it has `stochastic: true`.
 */
export interface StochasticLayer<Params extends TensorTree = null, State extends TensorTree = null>
  extends Layer<Params, State> {
  readonly stochastic: true;
}

/** What {@link noiseLayer} is made of. */
interface Noise {
  readonly kind: string;
  /** The output in training, from a key and a batch. */
  readonly draw: (key: Tensor, x: Tensor) => Tensor;
  /** Throws where the shape of a batch does not fit. */
  readonly check?: ((shape: Shape) => void) | undefined;
}

/** A layer without parameters: `draw` in training, the identity otherwise. */
export function noiseLayer({ kind, draw, check = () => {} }: Noise): StochasticLayer {
  return Object.freeze({
    kind,
    stochastic: true,
    init: (_key, inputShape) => {
      check([1, ...inputShape]);
      return { params: null, state: null };
    },
    apply: ({ state }, x, { key, training = false } = {}) =>
      treeTidy(() => {
        check(x.shape);
        if (!training) return { y: clone(x), state };
        return { y: draw(requireKey(kind, key), x), state };
      }),
    outputShape: (inputShape) => {
      check([1, ...inputShape]);
      return inputShape;
    },
  } satisfies StochasticLayer);
}
