import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import type { ActivationFunction } from "./types.ts";

/** A layer without variables that draws random numbers in training and none otherwise. */
export function randomLayer(
  kind: string,
  train: (key: Tensor, x: Tensor) => Tensor,
  evaluate: ActivationFunction,
): Layer<null, null> {
  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x, { key, training = false } = {}) =>
      treeTidy(() => {
        if (!training) return { y: evaluate(x), state };
        if (key === undefined) {
          const advice = "pass { key: random.key(seed), training: true }, a new key for each step";
          throw new LayerError(kind, `expected a random key in training, got none: ${advice}`);
        }
        return { y: train(key, x), state };
      }),
    outputShape: (inputShape) => inputShape,
  } satisfies Layer<null, null>);
}
